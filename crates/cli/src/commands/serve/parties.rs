//! The outside parties of the service: those of the settings over HTTP, or all of them played in this process.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use choba_app::CarrierSecrets;
use choba_outside::books::Role;
use choba_outside::client::{Outside, Party, Transport};
use choba_outside::sandbox::{Sandbox, SandboxOptions};
use choba_outside::{Counterparties, PartyName, Secret};

use super::config::Config;
use crate::data_directory::{DataDirectory, hexadecimal, random};
use crate::database::now;

/// Who is asked.
pub async fn outside(config: &Config, data: &DataDirectory) -> anyhow::Result<Arc<dyn Counterparties>> {
    let parties = match config.parties.is_empty() {
        true => played(config, data).await?,
        false => named(config)?,
    };
    let seed = u64::from_le_bytes(random::<8>()?);
    Ok(Arc::new(Outside::new(parties, seed)?))
}

fn named(config: &Config) -> anyhow::Result<Vec<Party>> {
    let party = |(name, settings): (&String, &super::config::PartySettings)| {
        let token = fs::read_to_string(&settings.token_file)
            .with_context(|| format!("parties.{name}.token_file: {}", settings.token_file.display()))?;
        let token = Secret::new(token.trim().to_owned());
        Ok(Party::new(PartyName::from(name.as_str()), &settings.url, token, Transport::Encrypted)?)
    };
    config.parties.iter().map(party).collect()
}

/// What carriers sign their messages with.
pub fn carriers(config: &Config) -> anyhow::Result<CarrierSecrets> {
    let mut secrets = CarrierSecrets::default();
    for (carrier, settings) in &config.carriers {
        for file in &settings.secret_files {
            let told = || format!("carriers.{carrier}.secret_files: {}", file.display());
            let secret = fs::read_to_string(file).with_context(told)?;
            secrets.add(carrier, secret.trim()).with_context(told)?;
        }
    }
    Ok(secrets)
}

/// A card provider and partners that are played here, on a port of this machine, with books that survive a restart.
async fn played(config: &Config, data: &DataDirectory) -> anyhow::Result<Vec<Party>> {
    eprintln!("choba: no outside parties are set; cards, counters and partners are played by this process");
    let token = hexadecimal(&random::<24>()?);
    let options = SandboxOptions {
        state_file: Some(data.file("sandbox.jsonl")),
        ..SandboxOptions::new(Arc::new(now), &token)
    };
    let sandbox = Sandbox::bind(SocketAddr::from(([127, 0, 0, 1], 0)), options).await?;
    let party = |name: PartyName, role: Role| {
        Party::new(name, &sandbox.base_url(&role), Secret::new(token.clone()), Transport::Encrypted)
    };
    let mut parties = vec![party(PartyName::from("card"), Role::Card)?];
    for known in super::markets(config)? {
        for program in &known.market.programs {
            let name = PartyName::from(program.id.as_str());
            if !parties.iter().any(|known| *known.name() == name) {
                parties.push(party(name, Role::Partner(program.id.clone()))?);
            }
        }
    }
    tokio::spawn(sandbox.run());
    Ok(parties)
}
