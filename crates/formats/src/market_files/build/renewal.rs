//! When points end that every grant renews.

use choba_engine::market::{Expiry, LotKind, Renewal};

use super::super::sections::{EarnSection, HeldText, LotKindText, ProgramSection, UnitText};
use super::{Builder, lot_kind};

impl Builder<'_> {
    /// Points held here that have the ordinary kind renew it for twelve months where nothing else is said.
    pub(super) fn renews(&mut self, rule: &str, section: &ProgramSection) -> Option<Renewal> {
        let Some(given) = &section.renews else {
            let points_here = matches!((section.held, section.unit), (HeldText::Here, UnitText::Point));
            let renews = points_here && section.kinds.contains(&LotKindText::Ordinary);
            return renews.then_some(Renewal { kind: LotKind::Ordinary, months: 12 });
        };
        if matches!(section.held, HeldText::Partner) {
            let expected = "nothing: the partner decides when they end";
            self.wrong(&format!("{rule}.renews"), "renewal of a partner's points", expected);
        }
        if !section.kinds.contains(&given.kind) {
            let expected = "one of the program's `kinds`";
            self.wrong(&format!("{rule}.renews.kind"), "a kind that the program does not have", expected);
        }
        Some(Renewal { kind: lot_kind(given.kind), months: given.months })
    }

    /// A kind that is renewed ends when the renewal says, so a rule that gives it cannot say otherwise.
    pub(super) fn expiry(&mut self, rule: &str, section: &EarnSection, renews: Option<Renewal>) -> Expiry {
        let renewed = renews.filter(|renewal| section.kind.map(lot_kind) == Some(renewal.kind));
        let months = match (section.expires_end_of_month, renewed) {
            (Some(months), Some(renewal)) if months != renewal.months => {
                let expected = format!("{}, as `renews` says of that kind", renewal.months);
                self.wrong(&format!("{rule}.expires_end_of_month"), months.to_string(), expected);
                Some(months)
            }
            (given, renewed) => given.or(renewed.map(|renewal| renewal.months)),
        };
        months.map_or(Expiry::Never, |months| Expiry::EndOfMonth { months })
    }
}
