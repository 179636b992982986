//! From sections to a market: what a schema cannot say is checked here, all of it, before anything is used.

mod care;
mod contacts;
mod method;
mod pays;
mod policies;
mod renewal;

use choba_care::contact::Care;
use choba_engine::market::{
    Benefit, Combination, Conditions, Coupon, Currency, Earning, EarningRule, Factor, Grant, Held, ItemKind,
    LotKind, Market, MarketParts, MethodType, Name, NeedsMethod, PerLine, PerPayment, Program, RankTier,
    Renewal, Scope, Seller, SellerType, ShippingTerms, TaxRate, Unit,
};
use choba_engine::money::{Money, Points};
use choba_engine::rate::Rate;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::diagnostic::Diagnostic;
use super::places::Places;
use super::sections::{
    AvailableSection, CombineText, CouponSection, CurrencyText, EarnSection, HeldText, InstantText,
    ItemKindText, LotKindText, MarketSection, MethodTypeText, NameSection, ProgramSection, RateText,
    Sections, SellerSection, SellerTypeText, TierSection, UnitText,
};
use crate::suggestion::{nearest, one_of};

/// Builds the market, or tells every mistake. `Err` always holds at least one.
pub fn build(
    sections: Sections,
    names: &Names,
    places: &Places,
    version: String,
) -> Result<(Market, Care), Vec<Diagnostic>> {
    let mut builder = Builder { sections: &sections, names, places, mistakes: Vec::new() };
    let parts = builder.parts(version);
    let care = parts.as_ref().map(|parts| builder.care(&parts.time_zone));
    match parts.zip(care) {
        Some((parts, care)) if builder.mistakes.is_empty() => Ok((Market::new(parts), care)),
        _ => Err(builder.mistakes),
    }
}

/// What files name, also where the entry itself has mistakes: another entry may refer to it.
pub struct Names {
    /// Ids of sellers.
    pub sellers: Vec<String>,
    /// Ids of programs.
    pub programs: Vec<String>,
    /// Types of methods.
    pub methods: Vec<String>,
}

struct Builder<'s> {
    sections: &'s Sections,
    names: &'s Names,
    places: &'s Places,
    mistakes: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn parts(&mut self, version: String) -> Option<MarketParts> {
        let sections = self.sections;
        let time_zone = self.time_zone(&sections.market);
        let tax_rates = self.tax_rates(&sections.market);
        let standard_tax_rate = self.standard_tax_rate(&sections.market, &tax_rates);
        let sellers = sections.sellers.iter().map(|(id, seller)| self.seller(id, seller)).collect();
        let programs = sections.programs.iter().map(|(id, program)| self.program(id, program)).collect();
        let coupons = sections.coupons.iter().map(|(id, coupon)| self.coupon(id, coupon)).collect();
        let methods = self.methods();
        let policies = self.policies();
        let contacts = self.contacts();
        Some(MarketParts {
            name: sections.market.name.clone(),
            version,
            currency: match sections.market.currency {
                CurrencyText::Jpy => Currency::Jpy,
            },
            time_zone: time_zone?,
            tax_rates,
            standard_tax_rate: standard_tax_rate?,
            sellers,
            programs,
            coupons,
            methods,
            policies,
            contacts,
        })
    }

    fn wrong(&mut self, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.mistakes.push(self.places.mistake(key, found.into(), expected.into(), None));
    }

    fn unknown<'k>(&mut self, key: &str, found: &str, known: impl Iterator<Item = &'k str> + Clone) {
        let expected = one_of(known.clone());
        let meant = nearest(found, known);
        self.mistakes.push(self.places.mistake(key, format!("`{found}`"), expected, meant));
    }

    fn time_zone(&mut self, market: &MarketSection) -> Option<TimeZone> {
        let zone = TimeZone::get(&market.time_zone).ok();
        if zone.is_none() {
            let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let meant = nearest(&market.time_zone, known.iter().map(String::as_str));
            let expected = "an IANA time zone, such as `Asia/Tokyo`".to_owned();
            let found = format!("`{}`", market.time_zone);
            self.mistakes.push(self.places.mistake("market.time_zone", found, expected, meant));
        }
        zone
    }

    fn tax_rates(&mut self, market: &MarketSection) -> Vec<TaxRate> {
        let mut rates: Vec<TaxRate> = Vec::new();
        if market.tax_rates.is_empty() {
            self.wrong("market.tax_rates", "an empty list", "at least one rate");
        }
        for (index, text) in market.tax_rates.iter().enumerate() {
            let key = format!("market.tax_rates.{index}");
            let rate = self.part_of_one(&key, text);
            if rates.iter().any(|known| known.rate == rate) {
                self.wrong(&key, format!("`{}` again", text.0), "each rate once");
            }
            rates.push(TaxRate { index, rate, text: text.0.clone() });
        }
        rates
    }

    fn standard_tax_rate(&mut self, market: &MarketSection, rates: &[TaxRate]) -> Option<TaxRate> {
        let standard = rate(&market.standard_tax_rate);
        let known = rates.iter().find(|known| known.rate == standard).cloned();
        if known.is_none() {
            let texts: Vec<&str> = rates.iter().map(|rate| rate.text.as_str()).collect();
            self.unknown("market.standard_tax_rate", &market.standard_tax_rate.0, texts.iter().copied());
        }
        known
    }

    /// A rate from 0 to 1.
    fn part_of_one(&mut self, key: &str, text: &RateText) -> Rate {
        let rate = rate(text);
        if rate > Rate::ONE {
            self.wrong(key, format!("`{}`", text.0), "a part from 0 to 1 (10% is \"0.10\")");
        }
        rate
    }

    fn seller(&mut self, id: &str, section: &SellerSection) -> Seller {
        let rule = format!("sellers.{id}");
        let shipping = section.shipping.as_ref().map(|terms| ShippingTerms {
            amount: Money::new(terms.amount),
            free_from: terms.free_from.map(Money::new),
            rule: format!("{rule}.shipping"),
            free_from_rule: format!("{rule}.shipping.free_from"),
        });
        Seller {
            index: 0,
            id: id.to_owned(),
            name: name(&section.name),
            seller_type: seller_type(section.seller_type),
            shipping,
            multiplier: section.multiplier.as_ref().map(rate),
            cancel: self.seller_cancel(&rule, section),
            returns: self.seller_returns(&rule, section),
            rule,
        }
    }

    fn program(&mut self, id: &str, section: &ProgramSection) -> Program {
        let rule = format!("programs.{id}");
        if rate(&section.value).is_zero() {
            self.wrong(&format!("{rule}.value"), "nothing", "more than nothing");
        }
        for (index, kind) in section.kinds.iter().enumerate() {
            if section.kinds.iter().take(index).any(|earlier| earlier == kind) {
                self.wrong(&format!("{rule}.kinds.{index}"), "a kind again", "each kind once");
            }
        }
        let renews = self.renews(&rule, section);
        let earning = section
            .earn
            .iter()
            .map(|(earn, rule)| self.earning(id, earn, rule, section.held, renews))
            .collect();
        Program {
            index: 0,
            id: id.to_owned(),
            name: name(&section.name),
            held: held(section.held),
            unit: unit(section.unit),
            value: rate(&section.value),
            kinds: section.kinds.iter().copied().map(lot_kind).collect(),
            pays: self.pays(&rule, &section.pays),
            needs_method: self.needs_method(&rule, section),
            earning,
            renews,
            refund_days: self.usual_days(&format!("{rule}.refund_days"), section.refund_days.as_ref()),
            rule,
        }
    }

    fn needs_method(&mut self, rule: &str, section: &ProgramSection) -> Option<NeedsMethod> {
        let needs = section.needs_method.as_ref()?;
        let method_type = method_type(needs.method_type);
        if !self.names.methods.iter().any(|known| known == method_type.id()) {
            let key = format!("{rule}.needs_method.type");
            self.wrong(
                &key,
                format!("`{}`", method_type.id()),
                "a method that the market has under `methods`",
            );
        }
        Some(NeedsMethod { method_type, brand: needs.brand.clone(), linked: needs.linked })
    }

    fn earning(
        &mut self,
        program: &str,
        id: &str,
        section: &EarnSection,
        held: HeldText,
        renews: Option<Renewal>,
    ) -> EarningRule {
        let rule = format!("programs.{program}.earn.{id}");
        let earning = match (section.yen_per_point, &section.rate) {
            (Some(yen), None) => self.per_line(&rule, section, yen),
            (None, Some(text)) => self.per_payment(&rule, section, text),
            (Some(_), Some(_)) => {
                self.wrong(&rule, "both `yen_per_point` and `rate`", "one of `yen_per_point` and `rate`");
                self.per_line(&rule, section, 1)
            }
            (None, None) => {
                self.wrong(&rule, "neither `yen_per_point` nor `rate`", "one of `yen_per_point` and `rate`");
                self.per_line(&rule, section, 1)
            }
        };
        if matches!(held, HeldText::Partner) && section.expires_end_of_month.is_some() {
            let key = format!("{rule}.expires_end_of_month");
            self.wrong(&key, "an end for a partner's points", "nothing: the partner decides when they end");
        }
        self.check_ranks(&rule, &section.ranks);
        EarningRule {
            id: id.to_owned(),
            name: section.name.as_ref().map(name),
            earning,
            conditions: Conditions {
                seller_types: section.seller_types.iter().copied().map(seller_type).collect(),
                item_kinds: section.item_kinds.iter().copied().map(item_kind).collect(),
                ranks: section.ranks.clone(),
            },
            kind: section.kind.map(lot_kind),
            grant: self.grant(&rule, &section.available),
            expires: self.expiry(&rule, section, renews),
            rule,
        }
    }

    fn per_line(&mut self, rule: &str, section: &EarnSection, yen_per_point: i64) -> Earning {
        let stray = [
            ("cap_payment", section.cap_payment.is_some()),
            ("minimum", section.minimum != 0),
            ("tiers", !section.tiers.is_empty()),
        ];
        for (key, _) in stray.iter().filter(|(_, given)| *given) {
            self.wrong(&format!("{rule}.{key}"), "it beside `yen_per_point`", "it only beside `rate`");
        }
        let factor = match section.factor.0.as_str() {
            "multiplier" => Factor::Multiplier,
            // The shape was checked: what is not the word is a rate.
            number => Factor::Fixed(number.parse().unwrap_or(Rate::ONE)),
        };
        Earning::PerLine(PerLine { yen_per_point: Money::new(yen_per_point), factor })
    }

    fn per_payment(&mut self, rule: &str, section: &EarnSection, text: &RateText) -> Earning {
        if section.factor.0 != "1" {
            self.wrong(&format!("{rule}.factor"), "it beside `rate`", "it only beside `yen_per_point`");
        }
        let mut ranks: Vec<RankTier> = section.tiers.iter().map(rank_tier).collect();
        for (index, tier) in ranks.iter().enumerate() {
            if ranks.iter().take(index).any(|earlier| earlier.from == tier.from) {
                let found = format!("`from = {}` again", tier.from.units());
                self.wrong(
                    &format!("{rule}.tiers.{index}.from"),
                    found,
                    "each tier from another number of points",
                );
            }
        }
        ranks.sort_by_key(|tier| std::cmp::Reverse(tier.from));
        Earning::PerPayment(PerPayment {
            minimum: Money::new(section.minimum),
            rate: self.part_of_one(&format!("{rule}.rate"), text),
            cap: section.cap_payment.map(Points::new),
            ranks,
        })
    }

    fn grant(&mut self, rule: &str, section: &AvailableSection) -> Grant {
        match (section.days_after_order, section.days_after_shipment, section.day_of_next_month) {
            (Some(days), None, None) => Grant::AfterOrder { days },
            (None, Some(days), None) => Grant::AfterShipment { days },
            (None, None, Some(day)) => Grant::NextMonth { day },
            given => {
                let count = usize::from(given.0.is_some())
                    + usize::from(given.1.is_some())
                    + usize::from(given.2.is_some());
                let expected = "one of `days_after_order`, `days_after_shipment` or `day_of_next_month`";
                self.wrong(&format!("{rule}.available"), format!("{count} of its keys"), expected);
                Grant::AfterOrder { days: 0 }
            }
        }
    }

    fn coupon(&mut self, id: &str, section: &CouponSection) -> Coupon {
        let rule = format!("coupons.{id}");
        let (starts_at, ends_at) =
            (section.starts_at.as_ref().map(instant), section.ends_at.as_ref().map(instant));
        if starts_at.zip(ends_at).is_some_and(|(starts_at, ends_at)| ends_at < starts_at) {
            self.wrong(&format!("{rule}.ends_at"), "an end before the start", "an end after `starts_at`");
        }
        self.check_ranks(&rule, &section.ranks);
        let scope = self.scope(&rule, section);
        if section.uses_per_order != 1 && !matches!(scope, Scope::Items(_)) {
            let found = "it on a coupon that is used once per order";
            self.wrong(&format!("{rule}.uses_per_order"), found, "it only beside `items`");
        }
        Coupon {
            id: id.to_owned(),
            name: name(&section.name),
            benefit: self.benefit(&rule, section),
            maximum: section.maximum.map(Money::new),
            scope,
            item_kinds: section.item_kinds.iter().copied().map(item_kind).collect(),
            uses_per_order: section.uses_per_order,
            starts_at,
            ends_at,
            minimum_spend: section.minimum_spend.map(Money::new),
            uses_per_customer: section.uses_per_customer,
            quota: section.quota,
            first_order_only: section.first_order_only,
            ranks: section.ranks.clone(),
            combination: match section.combine {
                CombineText::All => Combination::All,
                CombineText::NotSameStore => Combination::NotSameStore,
                CombineText::None => Combination::None,
            },
            exclusive_group: section.exclusive_group.clone(),
            rule,
        }
    }

    fn benefit(&mut self, rule: &str, section: &CouponSection) -> Benefit {
        match (section.yen, &section.rate, section.free_shipping) {
            (Some(yen), None, false) => Benefit::Yen(Money::new(yen)),
            (None, Some(text), false) => Benefit::Percent(self.part_of_one(&format!("{rule}.rate"), text)),
            (None, None, true) => Benefit::FreeShipping,
            (yen, rate, free_shipping) => {
                let given =
                    [("yen", yen.is_some()), ("rate", rate.is_some()), ("free_shipping", free_shipping)];
                self.not_exactly_one(rule, &given);
                Benefit::FreeShipping
            }
        }
    }

    fn scope(&mut self, rule: &str, section: &CouponSection) -> Scope {
        match (&section.items, &section.store, section.market) {
            (Some(items), None, false) => self.items(rule, items),
            (None, Some(store), false) => {
                let sellers = &self.names.sellers;
                if !sellers.contains(store) {
                    self.unknown(&format!("{rule}.store"), store, sellers.iter().map(String::as_str));
                }
                Scope::Store(store.clone())
            }
            (None, None, true) => Scope::Market,
            (items, store, market) => {
                self.not_exactly_one(
                    rule,
                    &[("items", items.is_some()), ("store", store.is_some()), ("market", market)],
                );
                Scope::Market
            }
        }
    }

    fn items(&mut self, rule: &str, items: &[String]) -> Scope {
        if items.is_empty() {
            self.wrong(&format!("{rule}.items"), "an empty list", "at least one item");
        }
        let mut items = items.to_vec();
        items.sort_unstable();
        items.dedup();
        Scope::Items(items)
    }

    fn not_exactly_one(&mut self, rule: &str, keys: &[(&str, bool)]) {
        let given: Vec<&str> = keys.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        let found =
            if given.is_empty() { "none of them".to_owned() } else { format!("`{}`", given.join("` and `")) };
        let expected = format!("exactly one of {}", one_of(keys.iter().map(|(key, _)| *key)));
        self.wrong(rule, found, expected);
    }

    fn check_ranks(&mut self, rule: &str, ranks: &[String]) {
        let known = &self.sections.market.ranks;
        for (index, rank) in ranks.iter().enumerate().filter(|(_, rank)| !known.contains(rank)) {
            self.unknown(&format!("{rule}.ranks.{index}"), rank, known.iter().map(String::as_str));
        }
    }
}

/// The shape was checked: the text is a rate.
fn rate(text: &RateText) -> Rate {
    text.0.parse().unwrap_or(Rate::ZERO)
}

/// The shape was checked: the text is an instant.
fn instant(text: &InstantText) -> Timestamp {
    text.0.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn name(section: &NameSection) -> Name {
    Name { ja: section.ja.clone(), en: section.en.clone() }
}

fn seller_type(text: SellerTypeText) -> SellerType {
    match text {
        SellerTypeText::Platform => SellerType::Platform,
        SellerTypeText::Store => SellerType::Store,
        SellerTypeText::Individual => SellerType::Individual,
    }
}

fn item_kind(text: ItemKindText) -> ItemKind {
    match text {
        ItemKindText::Physical => ItemKind::Physical,
        ItemKindText::Digital => ItemKind::Digital,
        ItemKindText::Membership => ItemKind::Membership,
        ItemKindText::GiftCard => ItemKind::GiftCard,
    }
}

fn held(text: HeldText) -> Held {
    match text {
        HeldText::Here => Held::Here,
        HeldText::Partner => Held::Partner,
    }
}

fn unit(text: UnitText) -> Unit {
    match text {
        UnitText::Yen => Unit::Yen,
        UnitText::Point => Unit::Point,
    }
}

fn lot_kind(text: LotKindText) -> LotKind {
    match text {
        LotKindText::Limited => LotKind::Limited,
        LotKindText::Exchanged => LotKind::Exchanged,
        LotKindText::Ordinary => LotKind::Ordinary,
    }
}

fn method_type(text: MethodTypeText) -> MethodType {
    match text {
        MethodTypeText::Card => MethodType::Card,
        MethodTypeText::Cod => MethodType::Cod,
        MethodTypeText::Konbini => MethodType::Konbini,
        MethodTypeText::Deferred => MethodType::Deferred,
    }
}

fn rank_tier(section: &TierSection) -> RankTier {
    RankTier {
        from: Points::new(section.from),
        stars: section.stars,
        multiplier: rate(&section.multiplier),
        cap_month: section.cap_month.map(Points::new),
    }
}
