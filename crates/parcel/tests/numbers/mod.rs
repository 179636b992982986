//! Numbers made up for tests, their check digits worked out here in another way than the crate does it.
#![allow(dead_code, clippy::expect_used, clippy::panic)] // every test file uses some of it, and may fail loudly

/// Equal numbers on every run: a small generator of its own.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    pub fn letters(&mut self, among: &str, count: usize) -> String {
        (0..count).map(|_| char::from(among.as_bytes()[self.below(among.len())])).collect()
    }

    pub fn one_of<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }
}

fn values(text: &str) -> Vec<u32> {
    text.chars().map(|character| character.to_digit(36).unwrap_or(0)).collect()
}

/// Long division by hand, digit by digit.
pub fn seven(body: &str) -> u32 {
    values(body).into_iter().fold(0, |rest, digit| (rest * 10 + digit) % 7)
}

pub fn postal(body: &str) -> u32 {
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let rest = values(body).iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11;
    [5, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1][rest as usize]
}

/// Every digit tried until the weighted sum, check digit included, is a multiple of ten.
fn completing(sum: impl Fn(u32) -> u32) -> u32 {
    (0..10).find(|check| sum(*check).is_multiple_of(10)).expect("one of ten completes")
}

pub fn gs1(body: &str) -> u32 {
    let digits = values(body);
    completing(|check| {
        check
            + digits
                .iter()
                .rev()
                .enumerate()
                .map(|(at, digit)| if at % 2 == 0 { 3 * digit } else { *digit })
                .sum::<u32>()
    })
}

pub fn luhn(body: &str) -> u32 {
    let digits = values(body);
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    completing(|check| {
        check
            + digits
                .iter()
                .rev()
                .enumerate()
                .map(|(at, digit)| if at % 2 == 0 { doubled(*digit) } else { *digit })
                .sum::<u32>()
    })
}

pub fn ups(body: &str) -> u32 {
    let worth = |character: char| match character {
        '0'..='9' => character as u32 - '0' as u32,
        letter => (letter as u32 - 'A' as u32 + 2) % 10,
    };
    completing(|check| {
        check + body.chars().enumerate().map(|(at, one)| worth(one) * (1 + at as u32 % 2)).sum::<u32>()
    })
}

pub fn fedex(body: &str) -> u32 {
    let mut weight = [1, 3, 7].iter().cycle();
    values(body).iter().rev().map(|digit| digit * weight.next().expect("endless")).sum::<u32>() % 11 % 10
}

pub fn mod37(body: &str) -> char {
    let mut product = 36;
    for value in values(body) {
        product = (product + value) % 36;
        if product == 0 {
            product = 36;
        }
        product = product * 2 % 37;
    }
    char::from_digit((37 - product) % 36, 36).expect("below 36").to_ascii_uppercase()
}

/// A made-up number of a carrier, its check digit right.
pub fn made_up(draw: &mut Draw, carrier: &str) -> String {
    let with = |body: String, check: fn(&str) -> u32| format!("{body}{}", check(&body));
    match carrier {
        "yamato" | "sagawa" | "japan-post" => with(draw.digits(11), seven),
        "japan-post registered" | "fukuyama" => with(draw.digits(10), seven),
        "japan-post s10" => postal_of(draw, "JP"),
        "royal-mail" => postal_of(draw, "GB"),
        "usps s10" => postal_of(draw, "US"),
        "china-post" => postal_of(draw, "CN"),
        "chunghwa-post" => postal_of(draw, "TW"),
        "amazon" => format!("{}{}", draw.one_of(&["DA", "TBA00"]), draw.digits(10)),
        "ups" => {
            let body = format!("{}{}", draw.letters("0123456789ABCEFHRVWXY", 6), draw.digits(9));
            format!("1Z{body}{}", ups(&body))
        }
        "fedex ground" => with(draw.digits(14), gs1),
        "usps" => with(format!("94{}", draw.digits(19)), gs1),
        "canada-post" => with(draw.digits(15), gs1),
        "dpd" => {
            let body = draw.digits(27);
            format!("{body}{}", mod37(&body))
        }
        "ontrac" => {
            let body = format!("C{}", draw.digits(13));
            format!("{body}{}", ups(&body))
        }
        "tnt" => with(draw.digits(8), postal),
        "fedex" => with(draw.digits(11), fedex),
        "purolator" => with(format!("3{}", draw.digits(10)), luhn),
        other => panic!("no recipe for {other}"),
    }
}

fn postal_of(draw: &mut Draw, country: &str) -> String {
    let (kind, body) =
        (draw.letters("CELRUV", 1) + &draw.letters("ABCDEFGHJKLMNPQRSTUVWXYZ", 1), draw.digits(8));
    format!("{kind}{body}{}{country}", postal(&body))
}

pub fn full_width(text: &str) -> String {
    text.chars()
        .map(
            |one| {
                if one.is_ascii_graphic() { char::from_u32(one as u32 + 0xfee0).unwrap_or(one) } else { one }
            },
        )
        .collect()
}

/// In groups, with something between them.
pub fn grouped(number: &str, groups: &[usize], between: &str) -> String {
    let mut rest = number;
    let mut parts = Vec::new();
    for group in groups {
        let (part, after) = rest.split_at((*group).min(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts.join(between)
}
