//! Which goods of an order are meant, and how many of each.

use choba_engine::order::{LinePart, Order, OrderLine};

use crate::fields::Fields;
use crate::frame::Frame;
use crate::shop::catalogue::name_of;

/// Goods that can be chosen.
pub struct PickLine {
    pub id: String,
    pub name: String,
    pub most: i64,
    /// As it was typed.
    pub typed: String,
    pub fault: Option<String>,
}

/// What was chosen.
pub struct Picked {
    pub lines: Vec<PickLine>,
    pub parts: Vec<LinePart>,
}

impl Picked {
    /// Reads the choice; where nothing was asked yet, it is all where `all` says so, else nothing.
    pub fn read(
        frame: &Frame,
        order: &Order,
        fields: &Fields,
        most: fn(&OrderLine) -> i64,
        all: bool,
    ) -> Self {
        let mut picked = Self { lines: Vec::new(), parts: Vec::new() };
        for line in order.lines.iter().filter(|line| most(line) > 0) {
            picked.read_line(frame, order, fields, line, most(line), all);
        }
        picked
    }

    fn read_line(
        &mut self,
        frame: &Frame,
        order: &Order,
        fields: &Fields,
        line: &OrderLine,
        most: i64,
        all: bool,
    ) {
        let name = format!("take-{}", line.line_id);
        let first = if all { most } else { 0 };
        let asked = fields.iter().any(|(known, _)| known == name);
        let typed = if asked { fields.one(&name).to_owned() } else { first.to_string() };
        let read = if typed.is_empty() { Some(0) } else { crate::fields::whole_number(&typed) };
        let quantity = read.filter(|quantity| (0..=most).contains(quantity));
        if let Some(quantity) = quantity.filter(|quantity| *quantity > 0) {
            self.parts.push(LinePart { line_id: line.line_id.clone(), quantity });
        }
        self.lines.push(PickLine {
            id: line.line_id.clone(),
            name: name_of(&order.market, &line.sku, frame.language),
            most,
            typed,
            fault: quantity
                .is_none()
                .then(|| frame.say("orders-quantity-fault").with("most", most).to_string()),
        });
    }

    /// Whether a quantity cannot be used.
    pub fn is_wrong(&self) -> bool {
        self.lines.iter().any(|line| line.fault.is_some())
    }

    /// What was chosen, as hidden fields.
    pub fn fields(&self) -> Vec<(String, i64)> {
        let quantity = |line: &PickLine| {
            let part = self.parts.iter().find(|part| part.line_id == line.id);
            (format!("take-{}", line.id), part.map_or(0, |part| part.quantity))
        };
        self.lines.iter().map(quantity).collect()
    }
}
