//! Tables of reports: as they are shown, and as CSV.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use choba_server::Problem;
use jiff::civil::Date;

use crate::chart::Bars;
use crate::frame::Frame;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count, or points.
    Number(i64),
    /// An amount.
    Yen(i64),
    /// A month, by its first day.
    Month(Date),
    /// Nothing is known.
    None,
}

impl Cell {
    /// A figure that may be missing.
    pub fn maybe(figure: Option<impl Into<i64>>) -> Self {
        figure.map_or(Self::None, |figure| Self::Number(figure.into()))
    }

    /// As people read it.
    pub fn shown(&self, frame: &Frame) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => frame.number(*number),
            Self::Yen(amount) => frame.yen(*amount),
            Self::Month(first) => month(*first),
            Self::None => "–".to_owned(),
        }
    }

    /// Whether it is aligned as figures are.
    pub fn is_figure(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Yen(_) | Self::None)
    }

    /// As programs read it. A spreadsheet takes what begins so for a formula; a letter before it keeps it text.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t']) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Number(number) | Self::Yen(number) => number.to_string(),
            Self::Month(first) => month(*first),
            Self::None => String::new(),
        }
    }
}

/// `2026-11`.
pub fn month(first: Date) -> String {
    format!("{:04}-{:02}", first.year(), first.month())
}

/// A part of a report: a chart, and the table with the same figures.
pub struct Section {
    /// The message that is its heading.
    pub heading: String,
    /// Its name in addresses.
    pub name: &'static str,
    /// What is drawn.
    pub bars: Option<Bars>,
    /// The words above the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Section {
    /// The chart.
    pub fn chart(&self) -> String {
        self.bars.as_ref().map(Bars::svg).unwrap_or_default()
    }

    /// The table as CSV, to be saved.
    ///
    /// # Errors
    /// Not where memory is written to.
    pub fn csv(&self) -> Result<Response, Problem> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fault = |error: csv::Error| Problem::defect(&error.to_string());
        writer.write_record(&self.columns).map_err(fault)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::plain)).map_err(fault)?;
        }
        let bytes = writer.into_inner().map_err(|error| Problem::defect(&error.to_string()))?;
        let name = format!("attachment; filename=\"{}.csv\"", self.name);
        let kind = "text/csv; charset=utf-8".to_owned();
        Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_of_a_spreadsheet() {
        assert_eq!(Cell::Text("=HYPERLINK(1)".to_owned()).plain(), "'=HYPERLINK(1)");
        assert_eq!(Cell::Number(-5).plain(), "-5");
        assert_eq!(Cell::Text("gift".to_owned()).plain(), "gift");
    }
}
