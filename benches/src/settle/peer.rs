//! PostgreSQL's own benchmark on the same cluster.

use std::process::Command;

use choba_testbed::Postgres;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// `pgbench`: tpcb-like, prepared, 16 clients, scale 10, in a database of its own.
#[derive(Debug)]
pub struct Pgbench {
    url: String,
}

impl Pgbench {
    /// Fills its database.
    pub fn prepare(cluster: &Postgres) -> Result<Self, Failed> {
        let url = cluster.create_database();
        run(&["--initialize", "--scale=10", "--quiet", &url])?;
        Ok(Self { url })
    }

    /// Transactions a second.
    pub fn run(&self, seconds: u64) -> Result<f64, Failed> {
        let time = format!("--time={seconds}");
        let said = run(&["--client=16", "--jobs=2", "--protocol=prepared", &time, &self.url])?;
        let line = said.lines().find(|line| line.starts_with("tps = ")).ok_or("pgbench told no tps")?;
        let number = line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default();
        Ok(number.parse()?)
    }
}

fn run(arguments: &[&str]) -> Result<String, Failed> {
    let program = choba_testbed::program("pgbench");
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
