//! Samples of the pages of orders.

use choba_engine::market::ReturnReason;
use choba_engine::order::{GroupState, PaymentState, RefundCause, ReturnState};
use choba_engine::tracking::ParcelStatus;
use jiff::Timestamp;
use jiff::civil::date;

use super::cancel::CancelPage;
use super::missing::{AnswerShown, CheckShown, MissingPage};
use super::order_list::{OrderList, ShownOrder};
use super::order_page::{HappenedShown, LineShown, OrderPage, PayerShown, PaymentShown, ReturnShown};
use super::parcels::{EventShown, NumberShown, ParcelsShown, ShipmentShown, WithoutShown};
use super::picking::{PickLine, Picked};
use super::redelivery::{OfferShown, RedeliveryPage};
use super::refund::{PartShown, RefundShown};
use super::send_back::ReturnPage;
use crate::counter;
use crate::fields::Faults;
use crate::frame::{Frame, Room};
use crate::samples::{Sample, both};

const NUMBER: &str = "250-1234567-7654321";

/// All of them.
pub fn all() -> Vec<Sample> {
    let mut samples = lists();
    samples.extend(both("order", Room::Shopper, order));
    samples.extend(both("cancel", Room::Shopper, |frame| cancel(frame, true)));
    samples.extend(both("cancel refused", Room::Shopper, |frame| cancel(frame, false)));
    samples.extend(both("return", Room::Shopper, |frame| send_back(frame, true)));
    samples.extend(both("return refused", Room::Shopper, |frame| send_back(frame, false)));
    samples.extend(both("redelivery", Room::Shopper, |frame| redelivery(frame, true)));
    samples.extend(both("no redelivery", Room::Shopper, |frame| redelivery(frame, false)));
    for check in
        [None, Some((None, None)), Some((Some("human"), None)), Some((Some("action"), Some("redelivery")))]
    {
        samples.extend(both("missing parcel", Room::Shopper, |frame| missing(frame, check)));
    }
    samples.extend(both("missing parcel found", Room::Shopper, |frame| {
        missing(frame, Some((Some("resolved"), Some("return"))))
    }));
    samples
}

fn at() -> Timestamp {
    "2026-11-21T12:00:00+09:00".parse().unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn lists() -> Vec<Sample> {
    let states = ["placed", "preparing", "shipped", "delivered", "cancelled", "refused", "awaiting_payment"];
    let order = |state| ShownOrder {
        number: text(NUMBER),
        placed_at: at(),
        state,
        class: "warn",
        total: text("4,000"),
        goods: text("<b>towel</b>"),
        more: text("2"),
    };
    let list = |frame, orders, tab| OrderList {
        frame,
        tab,
        orders,
        next: Some(text("/orders?after=x")),
        is_later: true,
        sought: text("\"><script>"),
        faults: Faults::one("number", "fault"),
    };
    let mut samples = both("orders", Room::Shopper, |frame| list(frame, states.map(order).into(), "all"));
    samples.extend(both("no orders", Room::Shopper, |frame| list(frame, Vec::new(), "not_shipped")));
    samples
}

fn refund(cause: &'static str) -> RefundShown {
    let part = PartShown { name: text("card"), amount: text("1,000"), notes: vec![text("note")] };
    RefundShown { at: at(), cause, amount: text("1,000"), parts: vec![part], notes: vec![text("kept")] }
}

fn order(frame: Frame) -> OrderPage {
    let states = [
        ReturnState::Requested,
        ReturnState::Received,
        ReturnState::Inspected,
        ReturnState::Refunded,
        ReturnState::Withdrawn,
    ];
    let returned = |(state, reason): (ReturnState, ReturnReason)| ReturnShown {
        number: text("RMA-1"),
        state: state.code(),
        reason: reason.id(),
        goods: vec![text("towel × 1")],
        requested_at: at(),
        arrives_until: Some(at()),
        can_withdraw: state == ReturnState::Requested,
    };
    let causes = [
        RefundCause::CancelledByCustomer,
        RefundCause::CancelledBySeller,
        RefundCause::NotPaid,
        RefundCause::Returned,
        RefundCause::Staff,
    ];
    OrderPage {
        number: text(NUMBER),
        state: GroupState::Shipped.code(),
        class: "good",
        placed_at: at(),
        lines: vec![LineShown {
            name: text("<b>towel</b>"),
            seller: text("Shop A"),
            price: text("2,000"),
            quantity: text("2"),
            net: text("3,500"),
            notes: vec![text("1 shipped")],
        }],
        payment: PaymentShown {
            method: text("konbini"),
            state: PaymentState::AwaitingPayment.code(),
            number: Some(text("123456")),
            deadline: Some(at()),
            amount: text("4,000"),
        },
        receipt: counter::samples::receipt(&frame),
        payers: vec![PayerShown { name: text("card"), amount: text("4,000"), refunded: Some(text("1")) }],
        refunds: causes.map(|cause| refund(cause.code())).into(),
        returns: states.into_iter().zip(ReturnReason::ALL).map(returned).collect(),
        parcels: parcels(),
        history: vec![HappenedShown { at: at(), text: text("placed") }],
        can_cancel: true,
        can_return: true,
        key: text("key"),
        frame,
    }
}

fn parcels() -> ParcelsShown {
    let event = |status: ParcelStatus| EventShown {
        at: at(),
        status: Some(status.code()),
        place: text("Tokyo"),
        text: text("<script>"),
    };
    let unknown = EventShown { status: None, ..event(ParcelStatus::Pending) };
    let numbers = NumberShown {
        display: text("1000-0000-0001"),
        track_url: Some(text("https://carrier.example/?a=1&b=2")),
        events: ParcelStatus::ALL.map(event).into_iter().chain([unknown]).collect(),
    };
    let shipment = ShipmentShown {
        shipment_id: text("shp_1"),
        seller: text("Shop A"),
        carrier: text("Yamato"),
        status: ParcelStatus::InTransit.code(),
        class: "",
        shipped_at: at(),
        delivered_at: Some(at()),
        numbers: vec![numbers],
        can_be_redelivered: true,
        is_delivered: true,
        redelivery: Some(text("asked")),
    };
    let without = WithoutShown { message: text("message"), remedy: text("remedy") };
    ParcelsShown { shipments: vec![shipment], without: vec![without] }
}

fn picked(typed: &str, fault: Option<&str>) -> Picked {
    let line = PickLine {
        id: text("1"),
        name: text("<b>towel</b>"),
        most: 2,
        typed: text(typed),
        fault: fault.map(text),
    };
    Picked { lines: vec![line], parts: Vec::new() }
}

fn cancel(frame: Frame, can_confirm: bool) -> CancelPage {
    CancelPage {
        frame,
        number: text(NUMBER),
        picked: picked("1", (!can_confirm).then_some("fault")),
        refund: can_confirm.then(|| refund("cancelled_by_customer")),
        refused: (!can_confirm).then(|| text("refused")),
        can_confirm,
        key: text("key"),
    }
}

fn send_back(frame: Frame, can_confirm: bool) -> ReturnPage {
    let mut faults = Faults::none();
    if !can_confirm {
        faults.add("reason", "fault");
        faults.add("goods", "fault");
    }
    ReturnPage {
        frame,
        number: text(NUMBER),
        picked: picked("\"1", None),
        reason: text("defective"),
        reasons: ReturnReason::ALL.map(ReturnReason::id).into(),
        opened: true,
        missing_parts: can_confirm,
        faults,
        refund: None,
        refused: (!can_confirm).then(|| text("refused")),
        can_confirm,
        key: text("key"),
    }
}

fn redelivery(frame: Frame, possible: bool) -> RedeliveryPage {
    let slots = ["am", "12-14", "14-16", "16-18", "18-20", "19-21"];
    let offer = |slot| OfferShown { value: format!("2026-11-24 {slot}"), day: text("24 Nov"), slot };
    let mut faults = Faults::one("when", "fault");
    faults.add("slip_number", "fault");
    RedeliveryPage {
        frame,
        number: text(NUMBER),
        shipment_id: text("shp_1"),
        possible,
        offers: slots.map(offer).into(),
        has_slip: possible,
        kept_until: Some(date(2026, 11, 30)),
        asked: Some(text("asked")),
        carrier_pages: vec![text("https://carrier.example/")],
        slip: text("\"<"),
        chosen: text("2026-11-24 am"),
        faults,
        key: text("key"),
    }
}

fn missing(frame: Frame, check: Option<(Option<&'static str>, Option<&'static str>)>) -> MissingPage {
    let check = check.map(|(ended, action)| CheckShown {
        text: text("question"),
        node: text("address"),
        answers: vec![AnswerShown { answer: text("right"), text: text("It is right") }],
        until: Some(at()),
        ended,
        action,
    });
    MissingPage { frame, number: text(NUMBER), shipment_id: text("shp_1"), check }
}
