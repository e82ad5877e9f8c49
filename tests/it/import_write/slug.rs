//! The short names of institutions in addresses.

use super::{Folder, import, later, told};
use crate::support::{TestApp, both, snapshot};

const TOWNS: &str = "key,name,kind,slug\n\
    a,Verdejo Technical College,TECHNICAL_COLLEGE,\n\
    b,Verdejo Technical College,TECHNICAL_COLLEGE,\n\
    c,\"Verdejo, Technical College\",TECHNICAL_COLLEGE,\n\
    d,東京短期大学,COMMUNITY_COLLEGE,\n\
    e,Καλλιτεχνική Σχολή,TRAINING_PROVIDER,\n\
    f,Åse Ærø's Skole,TRAINING_PROVIDER,\n\
    g,Copper Basin College,COMMUNITY_COLLEGE,cbc\n\
    h,Cold Brook College,COMMUNITY_COLLEGE,cbc\n";

/// Slugs by name.
async fn slugs(app: &TestApp) -> Vec<String> {
    app.rows("SELECT e.value, i.slug FROM institution i JOIN external_key e ON e.object_id = i.id ORDER BY e.value").await
}

both! {
    /// Institutions of one name, of names without a Latin letter, and two that ask for one slug: each gets its own, none is left out.
    async fn everyone_gets_a_slug(database) {
        let app = TestApp::empty(database).await;
        let report = import(&app, &Folder::of(&[("institutions.csv", TOWNS)]), &later()).await;
        let slugs = slugs(&app).await;
        snapshot!("import_slugs", (told(&report), slugs));
    }

    /// The same institutions again, and under new names: their slugs stay, for addresses hold them.
    async fn slugs_stay(database) {
        let app = TestApp::empty(database).await;
        let folder = Folder::of(&[("institutions.csv", TOWNS)]);
        import(&app, &folder, &later()).await;
        let before = slugs(&app).await;
        let report = import(&app, &folder, &later()).await;
        assert_eq!(report.counts(concord::import::Kind::Institutions).unchanged, 8, "{report}");
        folder.write("institutions.csv", &TOWNS.replace("Technical", "Polytechnic").replace("Skole", "School"));
        let report = import(&app, &folder, &later()).await;
        assert_eq!(report.counts(concord::import::Kind::Institutions).updated, 4, "{report}");
        assert_eq!(before, slugs(&app).await);
    }
}
