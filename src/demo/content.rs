//! The written content: places, people, pathways and what they stack into.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::records::Records;
use crate::import::Kind;

const PLACES: &str = include_str!("content/places.toml");
const STACKS: &str = include_str!("content/stacks.toml");
const PATHWAYS: [&str; 3] = [
    include_str!("content/pathways_trades.toml"),
    include_str!("content/pathways_care_public.toml"),
    include_str!("content/pathways_it_business.toml"),
];

/// Everything that was written.
#[derive(Debug)]
pub(super) struct Content {
    pub places: Places,
    pub pathways: Vec<Pathway>,
    pub stacks: Vec<Stack>,
}

/// The state.
#[derive(Debug, Deserialize)]
pub(super) struct Places {
    pub state: State,
    pub region: Vec<Region>,
    pub institution: Vec<Institution>,
    pub soft: Vec<Soft>,
    pub people: People,
    pub business: Business,
    pub schedule: Schedule,
}

#[derive(Debug, Deserialize)]
pub(super) struct State {
    pub code: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Region {
    pub code: String,
    pub name: String,
}

/// A member institution.
#[derive(Debug, Deserialize)]
pub(super) struct Institution {
    pub key: String,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub region: String,
    pub website: String,
    /// How its course codes look: `AAA` stands for the letters, `999` for the number.
    pub code_style: String,
    pub ctid: String,
    /// Fields that it teaches.
    pub strong_in: Vec<String>,
    pub campus: Vec<Campus>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Campus {
    pub key: String,
    pub name: String,
    pub line1: String,
    pub line2: Option<String>,
    pub city: String,
    pub county: String,
    pub postal_code: String,
    pub region: String,
}

/// A soft skill.
#[derive(Debug, Deserialize)]
pub(super) struct Soft {
    pub key: String,
    pub name: String,
    pub description: String,
    pub alignments: Vec<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct People {
    pub given: Vec<String>,
    pub family: Vec<String>,
    pub staff_titles: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Business {
    pub stems: Vec<String>,
    pub sector: Vec<Sector>,
    pub suffixes: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Sector {
    pub naics: String,
    pub weight: i64,
    pub kinds: Vec<String>,
}

/// Meeting times by modality.
#[derive(Debug, Deserialize)]
pub(super) struct Schedule {
    pub in_person: Vec<String>,
    pub online_live: Vec<String>,
    pub hybrid: Vec<String>,
    pub self_paced: Vec<String>,
}

/// A micro-credential with its pathway.
#[derive(Debug, Deserialize)]
pub(super) struct Pathway {
    pub key: String,
    pub field: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub duration_weeks: i64,
    pub soft_skill_hours: f64,
    pub badge: String,
    pub badge_description: String,
    pub criteria: String,
    pub valid_months: Option<i64>,
    pub cip: [String; 2],
    pub industries: Vec<[String; 2]>,
    pub occupations: Vec<[String; 2]>,
    pub soft: Vec<String>,
    pub assessment: Assessment,
    pub competencies: Vec<Competency>,
    pub course: Vec<Course>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Assessment {
    pub title: String,
    pub max_score: f64,
    pub pass_score: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Competency {
    pub key: String,
    pub name: String,
    pub description: String,
    pub onet: Option<[String; 2]>,
}

/// A course of a pathway.
#[derive(Debug, Deserialize)]
pub(super) struct Course {
    pub code: String,
    pub title: String,
    pub summary: String,
    pub description: String,
    pub contact_hours: f64,
    pub soft_skill_hours: f64,
    pub price: String,
    pub competencies: Vec<String>,
    #[serde(default)]
    pub prerequisites: Vec<String>,
    pub check: Assessment,
    #[serde(default)]
    pub languages: Vec<String>,
}

/// What the micro-credentials of a field lead to.
#[derive(Debug, Deserialize)]
pub(super) struct Stack {
    pub field: String,
    pub certificate: String,
    pub degree: String,
}

impl Content {
    pub(super) fn read() -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Pathways {
            pathway: Vec<Pathway>,
        }
        #[derive(Deserialize)]
        struct Stacks {
            stack: Vec<Stack>,
        }
        let mut pathways = Vec::new();
        for text in PATHWAYS {
            pathways.extend(toml::from_str::<Pathways>(text)?.pathway);
        }
        Ok(Self { places: toml::from_str(PLACES)?, pathways, stacks: toml::from_str::<Stacks>(STACKS)?.stack })
    }

    /// Regions, industries, competencies, institutions and campuses, as they were written.
    pub(super) fn reference(&self, records: &mut Records) -> anyhow::Result<()> {
        for region in &self.places.region {
            records.add(Kind::Regions, &[("code", region.code.clone()), ("name", region.name.clone())])?;
        }
        let industries: BTreeMap<&str, &str> =
            self.pathways.iter().flat_map(|pathway| &pathway.industries).map(|[code, title]| (code.as_str(), title.as_str())).collect();
        for (code, title) in industries {
            records.add(Kind::Industries, &[("naics_code", code.to_owned()), ("title", title.to_owned())])?;
        }
        self.competencies(records)?;
        self.institutions(records)
    }

    fn competencies(&self, records: &mut Records) -> anyhow::Result<()> {
        for soft in &self.places.soft {
            let alignments: Vec<String> = soft.alignments.iter().map(|parts| parts.join("|")).collect();
            let pairs = [
                ("key", soft.key.clone()),
                ("name", soft.name.clone()),
                ("description", soft.description.clone()),
                ("kind", "SOFT".to_owned()),
                ("alignments", alignments.join(";")),
            ];
            records.add(Kind::Competencies, &pairs)?;
        }
        for competency in self.pathways.iter().flat_map(|pathway| &pathway.competencies) {
            let alignment = competency.onet.as_ref().map(|[code, name]| format!("ONET|{code}|{}", name.replace(';', ",")));
            let pairs = [
                ("key", competency.key.clone()),
                ("name", competency.name.clone()),
                ("description", competency.description.clone()),
                ("kind", "TECHNICAL".to_owned()),
                ("alignments", alignment.unwrap_or_default()),
            ];
            records.add(Kind::Competencies, &pairs)?;
        }
        Ok(())
    }

    fn institutions(&self, records: &mut Records) -> anyhow::Result<()> {
        for institution in &self.places.institution {
            let pairs = [
                ("key", institution.key.clone()),
                ("slug", institution.slug.clone()),
                ("name", institution.name.clone()),
                ("kind", institution.kind.clone()),
                ("region", institution.region.clone()),
                ("website_url", institution.website.clone()),
                ("logo_url", format!("{}/logo.png", institution.website)),
                ("alignments", format!("CTDL|{}|{}", institution.ctid, institution.name)),
            ];
            records.add(Kind::Institutions, &pairs)?;
        }
        for institution in &self.places.institution {
            for campus in &institution.campus {
                let pairs = [
                    ("key", campus.key.clone()),
                    ("institution", institution.key.clone()),
                    ("name", campus.name.clone()),
                    ("line1", campus.line1.clone()),
                    ("line2", campus.line2.clone().unwrap_or_default()),
                    ("city", campus.city.clone()),
                    ("county", campus.county.clone()),
                    ("state", self.places.state.code.clone()),
                    ("postal_code", campus.postal_code.clone()),
                    ("region", campus.region.clone()),
                ];
                records.add(Kind::Campuses, &pairs)?;
            }
        }
        Ok(())
    }
}
