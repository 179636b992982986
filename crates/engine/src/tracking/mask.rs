//! A number as others see it.

/// How many symbols are shown.
const SHOWN: usize = 4;

/// A number of which only the last four symbols can be seen: `****-****-1234`. All numbers look alike, so that not
/// even the length tells whose it may be; of a short one nothing is shown.
pub fn masked(number: &str) -> String {
    let symbols: Vec<char> = number.chars().filter(|symbol| symbol.is_alphanumeric()).collect();
    let hidden = symbols.len().saturating_sub(SHOWN);
    if hidden < SHOWN {
        return "****-****-****".to_owned();
    }
    let shown: String = symbols.into_iter().skip(hidden).collect();
    format!("****-****-{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_are_seen() {
        assert_eq!(masked("123456781234"), "****-****-1234");
        assert_eq!(masked("EG725089303JP"), "****-****-03JP");
        assert_eq!(masked("1234567"), "****-****-****");
        assert_eq!(masked(""), "****-****-****");
    }
}
