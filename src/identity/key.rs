//! Public keys: read from JSON Web Keys (RFC 7517), each with exactly one algorithm, which is its own and never the token's.

use ed25519_dalek::VerifyingKey as EdKey;
use p256::EncodedPoint;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature as EcSignature, VerifyingKey as EcKey};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPublicKey, pkcs1v15, pss};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::json;
use super::token::{LONGEST_NAME, decode};

/// Most keys of a set.
const MOST_KEYS: usize = 20;
/// Shortest modulus of RSA, in bits.
const SHORTEST_MODULUS: usize = 2048;
/// Longest modulus of RSA, in bits.
const LONGEST_MODULUS: usize = 4096;
/// Smallest exponent of RSA.
const SMALLEST_EXPONENT: u32 = 65_537;
/// Members that only a private or a shared key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The algorithms that are taken, all of them with two keys: who can check a token cannot make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA with PKCS #1 padding and SHA-256.
    Rs256,
    /// RSA with probabilistic padding and SHA-256.
    Ps256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// As it stands in headers, keys and registrations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name, letter by letter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What the issuer calls it.
    pub id: Option<String>,
    /// The one algorithm that it checks.
    pub algorithm: Algorithm,
    public: Public,
}

/// The key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa(RsaPublicKey),
    Ec(EcKey),
    Ed(EdKey),
}

impl Key {
    /// Whether the signature is this key's over the bytes.
    #[must_use]
    pub fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match (&self.public, self.algorithm) {
            // A shorter signature is the same number with its leading zeros left out: a second spelling.
            (Public::Rsa(key), _) if signature.len() != key.size() => false,
            (Public::Rsa(key), Algorithm::Rs256) => pkcs1v15::Signature::try_from(signature)
                .is_ok_and(|signature| pkcs1v15::VerifyingKey::<Sha256>::new(key.clone()).verify(signed, &signature).is_ok()),
            (Public::Rsa(key), Algorithm::Ps256) => pss::Signature::try_from(signature)
                .is_ok_and(|signature| pss::VerifyingKey::<Sha256>::new(key.clone()).verify(signed, &signature).is_ok()),
            (Public::Ec(key), Algorithm::Es256) => {
                EcSignature::from_slice(signature).is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }
            (Public::Ed(key), Algorithm::EdDsa) => {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(signed, &signature).is_ok())
            }
            _ => false,
        }
    }

    /// Reads a JSON Web Key; an error says why it is passed over.
    fn read(jwk: &Map<String, Value>, allowed: &[Algorithm]) -> Result<Self, &'static str> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return Err("it is private or shared");
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("use").is_some_and(|of| of != "sig") {
            return Err("it is not for signatures");
        }
        let verifies = |operations: &Value| operations.as_array().is_some_and(|list| list.iter().any(|item| item == "verify"));
        if jwk.get("key_ops").is_some_and(|operations| !verifies(operations)) {
            return Err("it is not for verifying");
        }
        let id = match jwk.get("kid") {
            None => None,
            Some(Value::String(id)) if (1..=LONGEST_NAME).contains(&id.chars().count()) => Some(id.clone()),
            Some(_) => return Err("its kid is no text of 1 to 255 characters"),
        };
        let bytes = |name: &str| text(name).and_then(|value| decode(value).ok()).ok_or("a number of it cannot be read");
        let (public, possible): (Public, &[Algorithm]) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => (Public::Rsa(rsa(&bytes("n")?, &bytes("e")?)?), &[Algorithm::Rs256, Algorithm::Ps256]),
            (Some("EC"), Some("P-256")) => (Public::Ec(ec(&bytes("x")?, &bytes("y")?)?), &[Algorithm::Es256]),
            (Some("OKP"), Some("Ed25519")) => (Public::Ed(ed(&bytes("x")?)?), &[Algorithm::EdDsa]),
            _ => return Err("its kind is not taken"),
        };
        let mut usable = possible.iter().copied().filter(|algorithm| allowed.contains(algorithm));
        let algorithm = match (jwk.get("alg"), usable.next(), usable.next()) {
            // A key without `alg` has the one that its kind and the registration leave it.
            (None, Some(only), None) => only,
            (Some(Value::String(name)), ..) => Algorithm::named(name)
                .filter(|named| possible.contains(named) && allowed.contains(named))
                .ok_or("its algorithm is not its kind's, or not the issuer's")?,
            _ => return Err("it does not say which algorithm is its own"),
        };
        Ok(Self { id, algorithm, public })
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<RsaPublicKey, &'static str> {
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    if !(SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&modulus.bits()) {
        return Err("its modulus is not of 2048 to 4096 bits");
    }
    if exponent < BigUint::from(SMALLEST_EXPONENT) {
        return Err("its exponent is below 65537");
    }
    RsaPublicKey::new(modulus, exponent).map_err(|_| "it is no key of RSA")
}

fn ec(x: &[u8], y: &[u8]) -> Result<EcKey, &'static str> {
    let (Ok(x), Ok(y)) = (<[u8; 32]>::try_from(x), <[u8; 32]>::try_from(y)) else { return Err("it is no point of P-256") };
    let point = EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
    EcKey::from_encoded_point(&point).map_err(|_| "it is no point of P-256")
}

fn ed(x: &[u8]) -> Result<EdKey, &'static str> {
    let key = x.try_into().ok().and_then(|x| EdKey::from_bytes(x).ok());
    // A point of small order verifies signatures that nobody made.
    key.filter(|key| !key.is_weak()).ok_or("it is no key of Ed25519")
}

/// An issuer's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// Reads a JWK set. Keys that cannot be used are passed over, and told of.
    ///
    /// # Errors
    /// What is wrong with the set as a whole.
    pub fn read(bytes: &[u8], allowed: &[Algorithm]) -> Result<(Self, Vec<&'static str>), &'static str> {
        let set = json::object(bytes).map_err(|_| "it is no JSON object with each member once")?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or("it has no list of keys")?;
        if keys.len() > MOST_KEYS {
            return Err("it has more than 20 keys");
        }
        let mut passed_over = Vec::new();
        let mut found: Vec<Key> = Vec::new();
        for key in keys {
            match key.as_object().ok_or("it is no object").and_then(|jwk| Key::read(jwk, allowed)) {
                Ok(key) => found.push(key),
                Err(why) => passed_over.push(why),
            }
        }
        // Of two keys under one name, neither is the one that is meant.
        let is_alone = |key: &Key| found.iter().filter(|other| other.id == key.id).count() == 1;
        let alone: Vec<Key> = found.iter().filter(|key| is_alone(key)).cloned().collect();
        passed_over.extend(std::iter::repeat_n("another key has its kid", found.len() - alone.len()));
        Ok((Self(alone), passed_over))
    }

    /// The key that a token names; without a name, the only one.
    #[must_use]
    pub fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (id, self.0.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
        }
    }

    /// Whether the key is among them.
    #[must_use]
    pub fn holds(&self, key: &Key) -> bool {
        self.0.contains(key)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
