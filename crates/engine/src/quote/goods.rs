//! Prices of the goods, tax included, before coupons.

use super::{PricedLine, QuoteError, Step, StepKind};
use crate::allocate::allocate;
use crate::market::{Market, Seller};
use crate::money::{Money, Overflow};
use crate::request::Line;

/// The priced goods and who sells them.
pub(crate) struct Goods<'a> {
    pub lines: Vec<PricedLine<'a>>,
    pub sellers: Vec<SellerGoods<'a>>,
    pub total: Money,
}

/// What one seller sells in this cart.
pub(crate) struct SellerGoods<'a> {
    pub seller: &'a Seller,
    /// All of it before coupons, tax included.
    pub gross: Money,
    /// Whether any of it is shipped.
    pub ships: bool,
}

impl Goods<'_> {
    /// What a seller, by its place in this cart, asks for shipping where no coupon makes it free.
    pub fn shipping_before_coupons(&self, group: usize) -> Money {
        let sold = self.sellers.get(group).filter(|sold| sold.ships);
        let terms = sold.and_then(|sold| Some((sold, sold.seller.shipping.as_ref()?)));
        terms
            .filter(|(sold, terms)| !terms.is_free_from(sold.gross))
            .map_or(Money::ZERO, |(_, terms)| terms.amount)
    }
}

const PRICES_WITHOUT_TAX: &str = "market.tax_rates";

pub(crate) fn price<'a>(
    market: &'a Market,
    lines: &'a [Line<'a>],
    trace: &mut Vec<Step<'a>>,
) -> Result<Goods<'a>, QuoteError<'a>> {
    let mut grouping = Grouping::new(market.sellers.len());
    let mut priced = Vec::with_capacity(lines.len());
    for line in lines {
        priced.push(price_line(line, grouping.place(line.seller))?);
    }
    add_tax(market, &mut priced)?;
    let mut total = Money::ZERO;
    for line in &priced {
        total = total.plus(line.gross).map_err(|_| QuoteError::GoodsTooLarge { line: line.line.id })?;
        grouping.add(line)?;
        trace_line(line, trace)?;
    }
    Ok(Goods { lines: priced, sellers: grouping.sellers, total })
}

fn price_line<'a>(line: &'a Line<'a>, group: usize) -> Result<PricedLine<'a>, QuoteError<'a>> {
    let too_large = QuoteError::LineTooLarge { line: line.id };
    let price = line.unit_price.times(line.quantity).map_err(|_| too_large)?;
    if price > Money::INPUT_MAX {
        return Err(too_large);
    }
    let untaxed = if line.tax_included { line.tax_rate.rate.without(price)? } else { price };
    Ok(PricedLine { line, group, gross: price, untaxed, net: price, coupons: Vec::new() })
}

/// Adds the tax to prices without it: rounded once per seller and rate, then spread over the lines.
fn add_tax(market: &Market, lines: &mut [PricedLine<'_>]) -> Result<(), Overflow> {
    let mut untaxed: Vec<(usize, usize, usize)> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.line.tax_included)
        .map(|(place, line)| (line.group, line.line.tax_rate.index, place))
        .collect();
    untaxed.sort_unstable();
    for together in untaxed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let places: Vec<usize> = together.iter().map(|(_, _, place)| *place).collect();
        add_tax_to(market, lines, &places)?;
    }
    Ok(())
}

fn add_tax_to(market: &Market, lines: &mut [PricedLine<'_>], places: &[usize]) -> Result<(), Overflow> {
    let prices: Vec<Money> =
        places.iter().filter_map(|place| lines.get(*place)).map(|line| line.gross).collect();
    let Some(first) = places.first().and_then(|place| lines.get(*place)) else { return Ok(()) };
    let tax =
        first.line.tax_rate.rate.of(Money::sum(prices.iter().copied())?, market.policies.tax_rounding)?;
    for (place, part) in places.iter().zip(allocate(tax, &prices)?) {
        if let Some(line) = lines.get_mut(*place) {
            line.gross = line.gross.plus(part)?;
            line.net = line.gross;
        }
    }
    Ok(())
}

fn trace_line<'a>(line: &PricedLine<'a>, trace: &mut Vec<Step<'a>>) -> Result<(), Overflow> {
    let price = if line.line.tax_included { line.gross } else { line.untaxed };
    let step = Step {
        kind: StepKind::Goods,
        rule: &line.line.seller.rule,
        line: Some(line.line.id),
        seller: None,
        from: Money::ZERO,
        to: price,
    };
    trace.push(step);
    if line.gross != price {
        trace.push(Step {
            kind: StepKind::Tax,
            rule: PRICES_WITHOUT_TAX,
            from: price,
            to: line.gross,
            ..step
        });
    }
    Ok(())
}

/// Finds the place of a seller among those of the cart, in the order in which they appear.
struct Grouping<'a> {
    places: Vec<Option<usize>>,
    sellers: Vec<SellerGoods<'a>>,
}

impl<'a> Grouping<'a> {
    fn new(sellers: usize) -> Self {
        Self { places: vec![None; sellers], sellers: Vec::new() }
    }

    fn place(&mut self, seller: &'a Seller) -> usize {
        if let Some(Some(place)) = self.places.get(seller.index) {
            return *place;
        }
        let place = self.sellers.len();
        self.sellers.push(SellerGoods { seller, gross: Money::ZERO, ships: false });
        if let Some(known) = self.places.get_mut(seller.index) {
            *known = Some(place);
        }
        place
    }

    fn add(&mut self, line: &PricedLine<'a>) -> Result<(), Overflow> {
        if let Some(goods) = self.sellers.get_mut(line.group) {
            goods.gross = goods.gross.plus(line.gross)?;
            goods.ships |= line.line.kind.needs_shipping();
        }
        Ok(())
    }
}
