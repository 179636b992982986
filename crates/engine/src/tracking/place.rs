//! To whom or where a parcel was delivered, by the carrier's words.

/// Where a delivered parcel is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveredTo {
    /// A parcel locker (宅配ボックス).
    Locker,
    /// The post box.
    PostBox,
    /// Left at the door or elsewhere (置き配).
    Left,
    /// Someone's hands.
    Hands,
}

impl DeliveredTo {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Locker => "locker",
            Self::PostBox => "post_box",
            Self::Left => "left",
            Self::Hands => "hands",
        }
    }
}

/// Parts of carriers' words; the first that is found counts.
const WORDS: [(&str, DeliveredTo); 12] = [
    ("宅配ボックス", DeliveredTo::Locker),
    ("宅配ＢＯＸ", DeliveredTo::Locker),
    ("宅配BOX", DeliveredTo::Locker),
    ("locker", DeliveredTo::Locker),
    ("投函", DeliveredTo::PostBox),
    ("ポスト", DeliveredTo::PostBox),
    ("mailbox", DeliveredTo::PostBox),
    ("置き配", DeliveredTo::Left),
    ("置配", DeliveredTo::Left),
    ("手渡", DeliveredTo::Hands),
    ("引渡", DeliveredTo::Hands),
    ("お渡し", DeliveredTo::Hands),
];

/// Where a carrier's words say that a parcel is; nothing where they do not say.
pub fn delivered_to(words: &str) -> Option<DeliveredTo> {
    let lower = words.to_lowercase();
    WORDS.iter().find(|(word, _)| lower.contains(&word.to_lowercase())).map(|(_, place)| *place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_say_where_it_is() {
        assert_eq!(delivered_to("配達完了（宅配ボックス）"), Some(DeliveredTo::Locker));
        assert_eq!(delivered_to("投函完了"), Some(DeliveredTo::PostBox));
        assert_eq!(delivered_to("お客様引渡完了"), Some(DeliveredTo::Hands));
        assert_eq!(delivered_to("Left in parcel LOCKER"), Some(DeliveredTo::Locker));
        assert_eq!(delivered_to("配達完了"), None);
    }
}
