//! Mail as files, for those who try it out: a mail program opens them.

use std::io;
use std::path::{Path, PathBuf};

use super::compose::message;
use super::{Mail, MailError, MailFault, Mailer, Mailing, Sender};

/// Puts each mail into a file of its own, `….eml`, in a directory. A mail that is sent twice is the same file.
#[derive(Clone, Debug)]
pub struct FileMailer {
    sender: Sender,
    directory: PathBuf,
}

impl FileMailer {
    /// Makes the directory, if there is none.
    ///
    /// # Errors
    /// [`MailFault::Files`]
    pub fn new(sender: Sender, directory: &Path) -> Result<Self, MailFault> {
        std::fs::create_dir_all(directory).map_err(|error| MailFault::Files(error.to_string()))?;
        Ok(Self { sender, directory: directory.to_owned() })
    }

    fn keep(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = message(&self.sender, mail)?.formatted();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let name: String = mail.id.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
        let (path, part) = (self.file(&name, "eml"), self.file(&name, "part"));
        // A reader sees a whole mail or none.
        std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(later)
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.directory.join(format!("{name}.{ending}"))
    }
}

fn later(error: io::Error) -> MailError {
    MailError::Later(error.kind().to_string())
}

impl Mailer for FileMailer {
    fn send<'m>(&'m self, mail: &'m Mail) -> Mailing<'m> {
        let (mailer, mail) = (self.clone(), mail.clone());
        Box::pin(async move {
            let keeping = tokio::task::spawn_blocking(move || mailer.keep(&mail));
            keeping.await.map_err(|error| MailError::Later(error.to_string()))?
        })
    }
}
