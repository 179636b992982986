//! From `[policies]` and what sellers decide for themselves to the engine's policies.

use choba_engine::market::{
    AdjustmentPolicy, CancelPolicy, CancelUntil, ClawBack, CouponShare, Deductions, GiftCardPolicy, Kinds,
    ParcelPolicy, Policies, RefundOrder, RefundPolicy, ReturnPolicy, ReturnReason, UsualDays,
};
use choba_engine::money::{Money, Rounding};
use choba_engine::rate::Rate;

use super::super::sections::{
    CancelSection, CancelUntilText, ClawBackText, CouponShareText, DeductionsSection, GiftCardsSection,
    HeldText, ItemKindText, ParcelsSection, ProgramSection, RateText, RefundOrderText, RefundsSection,
    ReturnReasonText, ReturnsSection, RoundingText, SellerCancelSection, SellerDeductionsSection,
    SellerReturnsSection, SellerSection, SellerTypeText, UsualDaysSection,
};
use super::{Builder, item_kind, rate};

impl Builder<'_> {
    pub(super) fn policies(&mut self) -> Policies {
        let section = &self.sections.policies;
        Policies {
            tax_rounding: rounding(section.tax_rounding),
            coupon_share: coupon_share(section.coupon_share),
            expiring_days: section.expiring_days,
            expiry_mail_days: section.expiry_mail_days,
            refunds: refund_policy(&section.refunds),
            cancel: cancel_policy(&section.cancel),
            returns: self.return_policy(&section.returns),
            gift_cards: section.gift_cards.as_ref().map(|cards| self.gift_cards(cards)),
            adjustments: AdjustmentPolicy {
                second_person_above: Money::new(section.adjustments.second_person_above),
            },
            parcels: parcel_policy(&section.parcels),
        }
    }

    fn return_policy(&mut self, section: &ReturnsSection) -> ReturnPolicy {
        ReturnPolicy {
            window_days: section.window_days,
            arrive_within_days: section.arrive_within_days,
            reasons: self.return_reasons("policies.returns.reasons", &section.reasons),
            deductions: self.deductions("policies.returns.deductions", &section.deductions),
            kinds_never: kinds(&section.kinds_never),
        }
    }

    fn return_reasons(&mut self, key: &str, texts: &[ReturnReasonText]) -> Vec<ReturnReason> {
        for (index, text) in texts.iter().enumerate() {
            if texts.iter().take(index).any(|earlier| earlier == text) {
                self.wrong(&format!("{key}.{index}"), "a reason again", "each reason once");
            }
        }
        texts.iter().copied().map(return_reason).collect()
    }

    fn deductions(&mut self, key: &str, section: &DeductionsSection) -> Deductions {
        Deductions {
            opened: self.part_of_one(&format!("{key}.opened"), &section.opened),
            missing_parts: self.part_of_one(&format!("{key}.missing_parts"), &section.missing_parts),
        }
    }

    fn gift_cards(&mut self, section: &GiftCardsSection) -> GiftCardPolicy {
        self.check_gift_card_program(&section.program);
        if section.amount_max < section.amount_min {
            let found = format!("{} below `amount_min`", section.amount_max);
            self.wrong("policies.gift_cards.amount_max", found, format!("at least {}", section.amount_min));
        }
        GiftCardPolicy {
            program: section.program.clone(),
            expires_years: section.expires_years,
            amount_min: Money::new(section.amount_min),
            amount_max: Money::new(section.amount_max),
        }
    }

    fn check_gift_card_program(&mut self, id: &str) {
        const KEY: &str = "policies.gift_cards.program";
        if !self.names.programs.iter().any(|known| known == id) {
            let programs = &self.sections.programs;
            let fit = programs.iter().filter(|(_, program)| holds_gift_cards(program));
            let fit: Vec<&str> = fit.map(|(id, _)| id.as_str()).collect();
            if fit.is_empty() {
                self.wrong(
                    KEY,
                    format!("`{id}`"),
                    "a program of the market, held here, a unit of it worth one yen",
                );
            } else {
                self.unknown(KEY, id, fit.into_iter());
            }
        } else if self.sections.programs.get(id).is_some_and(|program| !holds_gift_cards(program)) {
            let expected = "a program with `held = \"here\"` and `value = \"1\"`";
            self.wrong(KEY, format!("`{id}`"), expected);
        }
    }

    pub(super) fn seller_cancel(&mut self, rule: &str, section: &SellerSection) -> Option<CancelPolicy> {
        let own = section.cancel.as_ref()?;
        self.check_decides_for_itself(&format!("{rule}.cancel"), section);
        Some(own_cancel_policy(own, &self.sections.policies.cancel))
    }

    pub(super) fn seller_returns(&mut self, rule: &str, section: &SellerSection) -> Option<ReturnPolicy> {
        let own = section.returns.as_ref()?;
        let key = format!("{rule}.returns");
        self.check_decides_for_itself(&key, section);
        Some(self.own_return_policy(&key, own))
    }

    fn own_return_policy(&mut self, key: &str, own: &SellerReturnsSection) -> ReturnPolicy {
        let market = &self.sections.policies.returns;
        ReturnPolicy {
            window_days: own.window_days.unwrap_or(market.window_days),
            arrive_within_days: own.arrive_within_days.unwrap_or(market.arrive_within_days),
            reasons: match &own.reasons {
                Some(reasons) => self.return_reasons(&format!("{key}.reasons"), reasons),
                None => market.reasons.iter().copied().map(return_reason).collect(),
            },
            deductions: self.own_deductions(&format!("{key}.deductions"), &own.deductions),
            kinds_never: kinds(own.kinds_never.as_ref().unwrap_or(&market.kinds_never)),
        }
    }

    fn own_deductions(&mut self, key: &str, own: &SellerDeductionsSection) -> Deductions {
        let market = &self.sections.policies.returns.deductions;
        Deductions {
            opened: self.own_part(&format!("{key}.opened"), &own.opened, &market.opened),
            missing_parts: self.own_part(
                &format!("{key}.missing_parts"),
                &own.missing_parts,
                &market.missing_parts,
            ),
        }
    }

    /// What the seller leaves out is the market's, whose mistakes are told where the market makes them.
    fn own_part(&mut self, key: &str, own: &Option<RateText>, market: &RateText) -> Rate {
        match own {
            Some(own) => self.part_of_one(key, own),
            None => rate(market),
        }
    }

    pub(super) fn usual_days(&mut self, key: &str, section: Option<&UsualDaysSection>) -> Option<UsualDays> {
        let section = section?;
        if section.to < section.from {
            let found = format!("{} below `from`", section.to);
            self.wrong(&format!("{key}.to"), found, format!("at least {}", section.from));
        }
        Some(UsualDays { from: section.from, to: section.to })
    }

    fn check_decides_for_itself(&mut self, key: &str, section: &SellerSection) {
        if matches!(section.seller_type, SellerTypeText::Platform) {
            let expected = "it under `policies`: the market itself sells under its own";
            self.wrong(key, "it on the market itself", expected);
        }
    }
}

/// A card of 1,000 yen is 1,000 units of it.
fn holds_gift_cards(program: &ProgramSection) -> bool {
    matches!(program.held, HeldText::Here) && rate(&program.value) == Rate::ONE
}

fn refund_policy(section: &RefundsSection) -> RefundPolicy {
    RefundPolicy {
        order: match section.order {
            RefundOrderText::MethodFirst => RefundOrder::MethodFirst,
            RefundOrderText::AsPaid => RefundOrder::AsPaid,
        },
        claw_back: match section.claw_back {
            ClawBackText::Debt => ClawBack::Debt,
            ClawBackText::FromRefund => ClawBack::FromRefund,
        },
        coupons_return: section.coupons_return,
        grace_days: section.grace_days,
        refund_shipping_on_fault: section.refund_shipping_on_fault,
    }
}

fn parcel_policy(section: &ParcelsSection) -> ParcelPolicy {
    ParcelPolicy {
        ships_within_days: section.ships_within_days,
        first_scan_hours: section.first_scan_h,
        silent_days: section.silent_days,
        not_received_wait_hours: section.not_received_wait_h,
        share_link_days: section.share_link_days,
    }
}

fn cancel_policy(section: &CancelSection) -> CancelPolicy {
    CancelPolicy { until: cancel_until(section.until), kinds_never: kinds(&section.kinds_never) }
}

fn own_cancel_policy(own: &SellerCancelSection, market: &CancelSection) -> CancelPolicy {
    CancelPolicy {
        until: cancel_until(own.until.unwrap_or(market.until)),
        kinds_never: kinds(own.kinds_never.as_ref().unwrap_or(&market.kinds_never)),
    }
}

fn cancel_until(text: CancelUntilText) -> CancelUntil {
    match text {
        CancelUntilText::Preparing => CancelUntil::Preparing,
        CancelUntilText::Shipped => CancelUntil::Shipped,
    }
}

fn return_reason(text: ReturnReasonText) -> ReturnReason {
    match text {
        ReturnReasonText::ChangedMind => ReturnReason::ChangedMind,
        ReturnReasonText::Defective => ReturnReason::Defective,
        ReturnReasonText::WrongItem => ReturnReason::WrongItem,
        ReturnReasonText::Damaged => ReturnReason::Damaged,
        ReturnReasonText::NotAsDescribed => ReturnReason::NotAsDescribed,
        ReturnReasonText::ArrivedLate => ReturnReason::ArrivedLate,
    }
}

fn kinds(texts: &[ItemKindText]) -> Kinds {
    texts.iter().copied().map(item_kind).collect()
}

fn rounding(text: RoundingText) -> Rounding {
    match text {
        RoundingText::Down => Rounding::Down,
        RoundingText::Up => Rounding::Up,
        RoundingText::HalfUp => Rounding::HalfUp,
    }
}

fn coupon_share(text: CouponShareText) -> CouponShare {
    match text {
        CouponShareText::Seller => CouponShare::Seller,
        CouponShareText::Line => CouponShare::Line,
    }
}
