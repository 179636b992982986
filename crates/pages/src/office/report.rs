//! The page of every report: sections with charts and tables, over a period that is chosen.

use askama::Template;
use axum::response::Response;
use choba_server::Problem;

use super::table::Section;
use crate::fields::Fields;
use crate::frame::Frame;
use crate::page::page;

/// A report.
#[derive(Template)]
#[template(path = "office/report.html")]
pub struct ReportPage {
    pub frame: Frame,
    pub path: &'static str,
    pub title: String,
    pub lead: String,
    /// The parameter that chooses the period.
    pub choice_name: &'static str,
    /// What can be chosen, with its words.
    pub choices: Vec<(String, String)>,
    pub chosen: String,
    pub sections: Vec<Section>,
}

impl ReportPage {
    /// The page, or one of its tables as CSV where the query asks for it.
    pub fn answer(&self, query: &Fields) -> Result<Response, Problem> {
        match query.one("csv") {
            "" => page(self),
            name => {
                let section = self.sections.iter().find(|section| section.name == name);
                section.ok_or_else(|| Problem::not_found("There is no such table."))?.csv()
            }
        }
    }
}

impl Section {
    /// Whether a column has figures.
    pub fn is_figure(&self, column: &usize) -> bool {
        self.rows.iter().any(|row| row.get(*column).is_some_and(super::table::Cell::is_figure))
    }
}
