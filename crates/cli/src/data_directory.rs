//! The directory with what this service alone knows: its keys, and the embedded database.
//!
//! Whoever can read it can be anyone; it is made for its owner only. Several processes on one PostgreSQL need the same keys:
//! copy `keys.json`.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use choba_app::{Entropy, Secrets};
use serde::{Deserialize, Serialize};

const KEYS: &str = "keys.json";

/// The embedded database.
const DATABASE: &str = "choba.sqlite";

/// Random bytes of the operating system.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Nothing that can be guessed may be given out.
            std::process::abort();
        }
    }
}

/// Only the command line reads entropy; the libraries take what comes of it as values.
pub fn random<const LENGTH: usize>() -> anyhow::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|fault| anyhow!("no random numbers: {fault}"))?;
    Ok(bytes)
}

/// Bytes as text.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys, as they are kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    codes: String,
    issuer: String,
}

/// A data directory with its keys.
pub struct DataDirectory {
    path: PathBuf,
    codes: [u8; 32],
    issuer: [u8; 32],
}

impl DataDirectory {
    /// Opens the directory; it and its keys are made where there are none.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let told = || path.display().to_string();
        DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(told)?;
        let file = path.join(KEYS);
        if !file.exists() {
            make_keys(&file).with_context(|| file.display().to_string())?;
        }
        Self::with_keys(path, &file)
    }

    /// Opens a directory that has to be there: for what is done beside a service, where new keys would be wrong ones.
    pub fn found(path: &Path) -> anyhow::Result<Self> {
        let file = path.join(KEYS);
        if !file.exists() {
            let hint = "`choba serve` makes them; --data names the directory of a service";
            bail!("there are no keys of a service in {}\nhint: {hint}", path.display());
        }
        Self::with_keys(path, &file)
    }

    /// Opens a directory where it is there.
    pub fn if_there(path: &Path) -> anyhow::Result<Option<Self>> {
        let there = path.join(KEYS).exists();
        there.then(|| Self::found(path)).transpose()
    }

    fn with_keys(path: &Path, file: &Path) -> anyhow::Result<Self> {
        let keys = read_keys(file).with_context(|| file.display().to_string())?;
        let (codes, issuer) = (bytes("codes", &keys.codes)?, bytes("issuer", &keys.issuer)?);
        Ok(Self { path: path.to_owned(), codes, issuer })
    }

    /// Keys for hashes.
    pub fn secrets(&self) -> Secrets {
        Secrets { codes: self.codes }
    }

    /// What the key of the service's own tokens is made from.
    pub fn issuer_seed(&self) -> [u8; 32] {
        self.issuer
    }

    /// The address of the embedded database.
    pub fn database(&self) -> String {
        Self::database_in(&self.path)
    }

    /// The address of the embedded database in a directory.
    pub fn database_in(path: &Path) -> String {
        format!("sqlite:{}", path.join(DATABASE).display())
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Written whole under another name first: a crash leaves no half of a key.
fn make_keys(file: &Path) -> anyhow::Result<()> {
    let keys = Keys { codes: hexadecimal(&random::<32>()?), issuer: hexadecimal(&random::<32>()?) };
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut output = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    output.write_all(serde_json::to_string_pretty(&keys)?.as_bytes())?;
    output.sync_all()?;
    // Where another process was faster, its keys count.
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

fn read_keys(file: &Path) -> anyhow::Result<Keys> {
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others can read it\nhint: chmod 600 {}", file.display());
    }
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

fn bytes(name: &str, text: &str) -> anyhow::Result<[u8; 32]> {
    let wrong = || anyhow!("{KEYS}: {name}: expected 64 hexadecimal digits");
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        let digits = text.get(place..place + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_for_their_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let made = DataDirectory::open(&path).unwrap();
        let again = DataDirectory::open(&path).unwrap();
        assert_eq!((made.codes, made.issuer), (again.codes, again.issuer));
        let mode = fs::metadata(path.join(KEYS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(path.join(KEYS), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(DataDirectory::open(&path).is_err());
    }
}
