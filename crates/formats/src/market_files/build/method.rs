//! From `[methods]` to the ways to pay the rest.

use choba_engine::market::{Method, MethodType};
use choba_engine::money::Money;

use super::super::sections::MethodSection;
use super::{Builder, name};

/// Days to pay at a counter where the market names none.
const KONBINI_DAYS: i32 = 3;

impl<'s> Builder<'s> {
    pub(super) fn methods(&mut self) -> Vec<Method> {
        MethodType::ALL.into_iter().filter_map(|method_type| self.method(method_type)).collect()
    }

    fn method(&mut self, method_type: MethodType) -> Option<Method> {
        let section = self.method_section(method_type)?;
        let rule = format!("methods.{}", method_type.id());
        Some(Method {
            method_type,
            name: name(&section.name),
            fee: Money::new(section.fee),
            pays: self.pays(&rule, &section.pays),
            brands: section.brands.clone(),
            pay_within_days: self.pay_within_days(&rule, method_type, section),
            refund_days: self.usual_days(&format!("{rule}.refund_days"), section.refund_days.as_ref()),
            fee_rule: format!("{rule}.fee"),
            rule,
        })
    }

    fn pay_within_days(
        &mut self,
        rule: &str,
        method_type: MethodType,
        section: &MethodSection,
    ) -> Option<i32> {
        match (method_type, section.pay_within_days) {
            (MethodType::Konbini, days) => Some(days.unwrap_or(KONBINI_DAYS)),
            (_, None) => None,
            (_, Some(_)) => {
                let found = format!("it on `{}`", method_type.id());
                let expected = "it only on `konbini`: no other method is waited for";
                self.wrong(&format!("{rule}.pay_within_days"), found, expected);
                None
            }
        }
    }

    fn method_section(&self, method_type: MethodType) -> Option<&'s MethodSection> {
        let methods = &self.sections.methods;
        match method_type {
            MethodType::Card => methods.card.as_ref(),
            MethodType::Cod => methods.cod.as_ref(),
            MethodType::Konbini => methods.konbini.as_ref(),
            MethodType::Deferred => methods.deferred.as_ref(),
        }
    }
}
