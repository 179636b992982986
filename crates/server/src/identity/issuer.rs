//! An issuer of tokens that is trusted here, and what its tokens say.

use choba_app::Role;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use super::doorkeeper::IdentityFault;
use super::key::{KeysFault, algorithm_of};
use super::key_set::KeySet;

/// An issuer, as it is set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// Its name, exactly as its tokens have it in `iss`.
    pub issuer: String,
    /// What its tokens have in `aud` when they are meant for this service.
    pub audience: String,
    /// Where its keys are fetched from: HTTPS, or this machine itself.
    pub jwks_url: Option<String>,
    /// Its keys themselves, as a JWK set in JSON, where they are not fetched.
    pub jwks: Option<String>,
    /// The algorithms that it signs with. Only those with public keys can be named.
    #[serde(default = "usual_algorithms")]
    pub algorithms: Vec<String>,
    /// Which claim is the customer's id. Without it none of its tokens is a customer's.
    pub customer_claim: Option<String>,
    /// Which claim is the id of a member of staff.
    #[serde(default = "subject_claim")]
    pub staff_claim: String,
    /// Which claim has roles or groups: a text, or a list of texts. Without it none of its tokens is of staff.
    pub role_claim: Option<String>,
    /// What those are here; the first one that a token has counts.
    #[serde(default)]
    pub roles: Vec<RoleSetting>,
}

/// What a role or group of an issuer is here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSetting {
    /// What the token has.
    pub has: String,
    /// `agent`, `specialist`, `operator` or `auditor`.
    pub role: String,
}

fn usual_algorithms() -> Vec<String> {
    ["EdDSA", "ES256", "PS256", "RS256"].map(str::to_owned).to_vec()
}

fn subject_claim() -> String {
    "sub".to_owned()
}

/// An issuer, checked.
#[derive(Debug)]
pub(super) struct Issuer {
    pub name: String,
    pub audience: String,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeySet,
    pub customer_claim: Option<String>,
    pub staff_claim: String,
    pub role_claim: Option<String>,
    pub roles: Vec<(String, Role)>,
}

impl Issuer {
    /// Checks the settings.
    pub fn of(settings: &IssuerSettings) -> Result<Self, IdentityFault> {
        let at_fault = |field: &'static str, fault: String| IdentityFault {
            issuer: settings.issuer.clone(),
            field,
            fault,
        };
        if settings.issuer.is_empty() {
            return Err(at_fault("issuer", "expected its name".to_owned()));
        }
        if settings.audience.is_empty() {
            return Err(at_fault("audience", "expected what its tokens have in `aud`".to_owned()));
        }
        let (field, keys) = keys_of(settings);
        let issuer = Self {
            name: settings.issuer.clone(),
            audience: settings.audience.clone(),
            algorithms: algorithms_of(settings).map_err(|fault| at_fault("algorithms", fault))?,
            keys: keys.map_err(|fault| at_fault(field, fault.to_string()))?,
            customer_claim: settings.customer_claim.clone(),
            staff_claim: settings.staff_claim.clone(),
            role_claim: settings.role_claim.clone(),
            roles: roles_of(settings).map_err(|fault| at_fault("roles", fault))?,
        };
        if issuer.customer_claim.is_none() && (issuer.role_claim.is_none() || issuer.roles.is_empty()) {
            let fault = "expected it, or `role_claim` with `roles`: its tokens would be nobody's".to_owned();
            return Err(at_fault("customer_claim", fault));
        }
        Ok(issuer)
    }

    /// The role that a token gives, if any.
    pub fn role(&self, claims: &serde_json::Map<String, Value>) -> Option<Role> {
        let has = claims.get(self.role_claim.as_deref()?)?;
        let held = |name: &str| match has {
            Value::String(one) => one == name,
            Value::Array(all) => all.iter().any(|one| one.as_str() == Some(name)),
            _ => false,
        };
        self.roles.iter().find(|(name, _)| held(name)).map(|(_, role)| *role)
    }
}

fn keys_of(settings: &IssuerSettings) -> (&'static str, Result<KeySet, KeysFault>) {
    match (&settings.jwks_url, &settings.jwks) {
        (Some(url), None) => ("jwks_url", KeySet::fetched(url)),
        (None, Some(set)) => ("jwks", KeySet::fixed(set.as_bytes())),
        _ => ("jwks_url", Err(KeysFault("expected either `jwks_url` or `jwks`".to_owned()))),
    }
}

fn algorithms_of(settings: &IssuerSettings) -> Result<Vec<Algorithm>, String> {
    if settings.algorithms.is_empty() {
        return Err("expected at least one".to_owned());
    }
    let read = |name: &String| {
        algorithm_of(name)
            .ok_or_else(|| format!("{name:?} is not one that can be trusted: EdDSA, ES…, PS…, RS…"))
    };
    settings.algorithms.iter().map(read).collect()
}

fn roles_of(settings: &IssuerSettings) -> Result<Vec<(String, Role)>, String> {
    let read = |setting: &RoleSetting| match Role::read(&setting.role) {
        Some(role) => Ok((setting.has.clone(), role)),
        None => Err(format!("{:?} is no role: agent, specialist, operator, auditor", setting.role)),
    };
    settings.roles.iter().map(read).collect()
}
