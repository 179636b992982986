//! The tax contained in the total.

use super::goods::Goods;
use super::{SellerShipping, TaxAmount};
use crate::market::{Market, TaxRate};
use crate::money::{Money, Overflow};

/// One amount that contains tax: whose (the market's own where nobody's), at which rate, how much.
type Taxed<'a> = (Option<usize>, &'a TaxRate, Money);

/// Rounded once per seller and rate, then summed over the sellers. A seller's shipping is rounded with its
/// goods of the standard rate; the fee is the market's own.
pub(super) fn contained<'a>(
    market: &'a Market,
    goods: &Goods<'a>,
    shipping: &[SellerShipping<'a>],
    fee: Money,
) -> Result<Vec<TaxAmount<'a>>, Overflow> {
    let mut taxed: Vec<Taxed<'a>> = Vec::with_capacity(goods.lines.len().saturating_add(shipping.len()));
    taxed.extend(goods.lines.iter().map(|line| (Some(line.line.seller.index), line.line.tax_rate, line.net)));
    let standard = &market.standard_tax_rate;
    let paid = shipping.iter().filter(|shipping| !shipping.amount.is_zero());
    taxed.extend(paid.map(|shipping| (Some(shipping.seller.index), standard, shipping.amount)));
    if !fee.is_zero() {
        taxed.push((None, standard, fee));
    }
    taxed.sort_by_key(|(seller, rate, _)| (std::cmp::Reverse(rate.rate), *seller));
    taxed.chunk_by(|a, b| a.1.rate == b.1.rate).map(|of_rate| tax_at_one_rate(market, of_rate)).collect()
}

fn tax_at_one_rate<'a>(market: &Market, of_rate: &[Taxed<'a>]) -> Result<TaxAmount<'a>, Overflow> {
    let rate = of_rate.first().ok_or(Overflow)?.1;
    let mut amount = Money::ZERO;
    for of_seller in of_rate.chunk_by(|a, b| a.0 == b.0) {
        let sum = Money::sum(of_seller.iter().map(|(_, _, amount)| *amount))?;
        amount = amount.plus(rate.rate.contained_in(sum, market.policies.tax_rounding)?)?;
    }
    Ok(TaxAmount { rate, amount })
}
