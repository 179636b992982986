//! What others are told with: webhooks, mail, and the secrets of those who send hooks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use choba_app::{MailHook, Post};
use choba_formats::mail::MailLinks;
use choba_outside::Secret;
use choba_outside::dialler::HttpDialler;
use choba_outside::hooks::{HookClient, HookSettings};
use choba_outside::mail::{FileMailer, Mailer, Sender, Smtp, SmtpMailer, SmtpSecurity};
use choba_outside::webhook::WebhookSecret;
use choba_server::Telling;

use super::config::{Config, MailSettings, SmtpSecurityText, SmtpSettings};
use crate::data_directory::DataDirectory;

/// How long each step of talking to a mail server may take.
const SMTP_PATIENCE: Duration = Duration::from_secs(20);

/// What others are told with, by the settings.
pub fn telling(config: &Config, data: &DataDirectory) -> anyhow::Result<Telling> {
    let settings = HookSettings {
        plain_allowed: config.webhooks.plain_allowed,
        private_allowed: config.webhooks.private_allowed,
        ..HookSettings::STRICT
    };
    let hooks = HookClient::new(settings);
    if let Err(error) = &hooks {
        eprintln!("choba: no webhooks are sent: {error}");
    }
    let post = post(config, data).context("mail")?;
    Ok(Telling {
        hooks: hooks.ok(),
        post: Some(post),
        payments: secrets(config)?,
        dialler: dialler_secrets(config)?,
        mail_in: mail_in(config)?,
        ..Telling::default()
    })
}

/// Who passes mail of customers on to us.
fn mail_in(config: &Config) -> anyhow::Result<MailHook> {
    let Some(settings) = &config.mail_in else { return Ok(MailHook::default()) };
    let secrets = settings.secret_files.iter().map(|path| read_secret(path)).collect::<anyhow::Result<_>>();
    Ok(MailHook { our_server: settings.server.clone(), secrets: secrets.context("mail_in.secret_files")? })
}

fn post(config: &Config, data: &DataDirectory) -> anyhow::Result<Post> {
    let alone = MailSettings {
        from: "choba <shop@localhost.example>".to_owned(),
        reply_to: None,
        pages_url: format!("http://{}", config.listen),
        smtp: None,
    };
    let settings = config.mail.as_ref().unwrap_or(&alone);
    let sender = Sender::new(&settings.from, settings.reply_to.as_deref())?;
    let mailer: Arc<dyn Mailer> = match &settings.smtp {
        Some(smtp) => Arc::new(SmtpMailer::new(sender, &server(smtp)?)?),
        None => Arc::new(FileMailer::new(sender, &data.file("mail"))?),
    };
    let base_url = settings.pages_url.trim_end_matches('/').to_owned();
    let answers_at =
        config.mail_in.as_ref().map(|mail_in| mail_in.domain.as_ref().unwrap_or(&mail_in.server).clone());
    Ok(Post { mailer, links: Arc::new(MailLinks { base_url }), answers_at })
}

fn server(settings: &SmtpSettings) -> anyhow::Result<Smtp> {
    let password = settings.password_file.as_deref().map(secret_in).transpose()?;
    Ok(Smtp {
        host: settings.host.clone(),
        port: settings.port,
        security: match settings.security {
            SmtpSecurityText::Tls => SmtpSecurity::Tls,
            SmtpSecurityText::Starttls => SmtpSecurity::StartTls,
            SmtpSecurityText::None => SmtpSecurity::None,
        },
        credentials: settings.user.clone().zip(password.map(Secret::new)),
        patience: SMTP_PATIENCE,
    })
}

fn dialler_secrets(config: &Config) -> anyhow::Result<Vec<WebhookSecret>> {
    let Some(settings) = &config.dialler else { return Ok(Vec::new()) };
    let read =
        |path: &PathBuf| WebhookSecret::read(&secret_in(path)?).with_context(|| path.display().to_string());
    settings.secret_files.iter().map(read).collect::<anyhow::Result<Vec<_>>>().context("dialler.secret_files")
}

/// What calls customers, where one is set.
pub fn dialler(config: &Config) -> anyhow::Result<Option<HttpDialler>> {
    let Some(settings) = &config.dialler else { return Ok(None) };
    let secret = dialler_secrets(config)?.into_iter().next();
    let secret = secret.context("dialler.secret_files: at least one file is needed")?;
    Ok(Some(HttpDialler::new(&settings.url, secret).context("dialler")?))
}

fn secrets(config: &Config) -> anyhow::Result<BTreeMap<String, Vec<WebhookSecret>>> {
    let of_party = |(name, paths): (&String, &Vec<PathBuf>)| {
        let secrets = paths.iter().map(|path| read_secret(path)).collect::<anyhow::Result<Vec<_>>>();
        Ok((name.clone(), secrets.with_context(|| format!("hook_secret_files.{name}"))?))
    };
    config.hook_secret_files.iter().map(of_party).collect()
}

fn read_secret(path: &Path) -> anyhow::Result<WebhookSecret> {
    WebhookSecret::read(&secret_in(path)?).with_context(|| path.display().to_string())
}

fn secret_in(path: &Path) -> anyhow::Result<String> {
    Ok(fs::read_to_string(path).with_context(|| path.display().to_string())?.trim().to_owned())
}
