//! The table of formats, as data. Adding a form is adding a row; a mistake in a row does not compile or fails a test.
//!
//! Rows of one length stand in the order they are tried. `weighing` says how often a number of that shape is really
//! that carrier's when nothing else is known; Japan's carriers weigh most, because this counter stands in Japan.

use crate::check::Check::{self, Fedex, Gs1, Luhn, Mod7, Mod37, Ups, Weighted11};
use crate::format::Format;

const YU_PACK: &str =
    "https://trackings.post.japanpost.jp/services/srv/search/direct?searchKind=S002&locale=ja&reqCodeNo1=%s";
const REGISTERED: &str =
    "https://trackings.post.japanpost.jp/services/srv/search/direct?searchKind=S001&locale=ja&reqCodeNo1=%s";

/// The whole number, its last digit the check digit.
const GS1: Check = Gs1 { from: 0, carry: 0 };
/// A 20-digit label stands for a 22-digit one whose leading 91 is not printed: 9 × 3 + 1 more in the sum.
const UNPRINTED_91: u8 = 28;

/// Every form of every carrier.
#[rustfmt::skip] // a table: one form a row
pub(crate) static FORMATS: &[Format] = &[
    // Japan. The three carriers of twelve digits share length, grouping and check digit: the number alone cannot
    // tell them apart.
    Format::new("yamato", "TA-Q-BIN", "#{12}", Mod7 { at: 11 }).printed('-', &[4, 4, 4]).weighing(600),
    Format::new("sagawa", "Hikyaku", "#{12}", Mod7 { at: 11 }).printed('-', &[4, 4, 4]).weighing(300),
    Format::new("japan-post", "Yu-Pack", "#{12}", Mod7 { at: 11 }).printed('-', &[4, 4, 4]).weighing(200)
        .tracked_at(YU_PACK),
    Format::new("japan-post", "Registered", "#{11}", Mod7 { at: 10 }).printed('-', &[3, 2, 5, 1]).weighing(180)
        .tracked_at(REGISTERED),
    Format::new("fukuyama", "Parcel", "#{11}", Mod7 { at: 10 }).weighing(120),
    // The two digits after the number count the pieces of one consignment.
    Format::new("fukuyama", "Parcel, one piece", "#{13}", Mod7 { at: 10 }).weighing(60),
    Format::new("seino", "Kangaroo", "#{10}", Check::None).weighing(40),
    Format::new("amazon", "DA", "DA#{10}", Check::None),
    // Yamato has issued numbers that begin with 99 too: its check digit decides first.
    Format::new("amazon", "99", "99#{10}", Check::None).weighing(300).telling(),

    // The postal union's form, and the posts that share it.
    Format::postal("S10", "@@#{9}@@", Weighted11 { from: 2 }).weighing(300),

    // The world.
    Format::new("amazon", "Logistics", "TB[ACM]#{12}", Check::None),
    Format::new("amazon", "International", "[AFC]#{10}", Check::None),
    Format::new("dhl", "Express", "#{10}", Mod7 { at: 9 }).weighing(80),
    Format::new("dhl", "Express", "#{11}", Mod7 { at: 10 }).weighing(40),
    Format::new("dhl", "Express piece", "JJD#{9,10}", Check::None).weighing(200),
    Format::new("dhl", "Express piece", "JVGL#{9,10}", Check::None).weighing(200),
    Format::new("dhl", "Express piece", "J@@#{9,10}", Check::None).weighing(40),
    Format::new("dhl", "Express piece", "J@@@#{9,10}", Check::None).weighing(60),
    Format::new("dhl", "Parcel piece", "JD#{18}", Check::None),
    Format::new("dhl", "Parcel piece", "JJD#{18}", Check::None),
    Format::new("dhl", "Parcel", "00340434#{12}", GS1).weighing(300),
    Format::new("dhl", "eCommerce", "@@*{10,39}", Check::None).weighing(50)
        .beginning(&["GM", "LX", "RX", "UV", "CN", "SG", "TH", "IN", "HK", "MY"]),
    Format::new("dhl", "eCommerce", "#{14}", Check::None).weighing(60),
    Format::new("fedex", "Express", "#{12}", Fedex { from: 0, at: 11 }).printed(' ', &[4, 4, 4]).weighing(60),
    Format::new("fedex", "Express, 34 digits", "[0-8]#{33}", Fedex { from: 20, at: 33 }),
    Format::new("fedex", "Express, ASTRA label", "3#{31}", Fedex { from: 16, at: 27 }),
    Format::new("fedex", "Ground", "#{15}", GS1).printed(' ', &[4, 4, 4, 3]).weighing(150),
    Format::new("fedex", "Ground, SSCC-18", "#{18}", GS1).printed(' ', &[2, 4, 4, 4, 4]),
    Format::new("fedex", "Ground 96", "96#{20}", Gs1 { from: 7, carry: 0 }),
    Format::new("fedex", "Ground GSN", "96#{32}", Fedex { from: 20, at: 33 }),
    Format::new("ups", "Package", "1Z*{15}#", Ups { from: 2 }).weighing(500),
    Format::new("ups", "Waybill", "[AHJKTV]#{10}", Ups { from: 1 }).weighing(150),
    Format::new("usps", "Label 20", "#{20}", GS1).printed(' ', &[4, 4, 4, 4, 4]).weighing(120),
    Format::new("usps", "Label 91, shortened", "#{20}", Gs1 { from: 0, carry: UNPRINTED_91 })
        .printed(' ', &[4, 4, 4, 4, 4]).weighing(80),
    Format::new("usps", "Label 91", "91#{20}", GS1).printed(' ', &[4, 4, 4, 4, 4, 2]),
    Format::new("usps", "Label 91, with ZIP", "420#{5}91#{20}", Gs1 { from: 8, carry: 0 }),
    Format::new("usps", "Label 91, with ZIP+4", "420#{9}91#{20}", Gs1 { from: 12, carry: 0 }),
    Format::new("usps", "Label 91, shortened, with ZIP", "420#{25}", Gs1 { from: 8, carry: UNPRINTED_91 }),
    Format::new("usps", "Label 91, shortened, with ZIP+4", "420#{29}", Gs1 { from: 12, carry: UNPRINTED_91 }),
    Format::new("usps", "IMpb", "94#{20}", GS1).printed(' ', &[4, 4, 4, 4, 4, 2]).weighing(300),
    Format::new("usps", "IMpb", "94#{24}", GS1).weighing(300),
    Format::new("usps", "IMpb", "94#{3}9#{24}", GS1).weighing(300),
    Format::new("usps", "IMpb", "92#{3}9#{16}", GS1).printed(' ', &[4, 4, 4, 4, 4, 2]).weighing(300),
    Format::new("usps", "IMpb", "92#{3}9#{20}", GS1).weighing(300),
    Format::new("usps", "IMpb", "93#{3}[0-8]#{16}", GS1).printed(' ', &[4, 4, 4, 4, 4, 2]).weighing(300),
    Format::new("usps", "IMpb", "93#{3}[0-8]#{20}", GS1).weighing(300),
    Format::new("usps", "IMpb", "95#{20}", GS1).printed(' ', &[4, 4, 4, 4, 4, 2]).weighing(300),
    Format::new("usps", "IMpb", "95#{24}", GS1).weighing(300),
    Format::new("usps", "IMpb, with ZIP", "420#{5}9[2345]#{20}", Gs1 { from: 8, carry: 0 }).weighing(300),
    Format::new("usps", "IMpb, with ZIP", "420#{5}9[2345]#{24}", Gs1 { from: 8, carry: 0 }).weighing(300),
    Format::new("usps", "IMpb, with ZIP+4", "420#{9}9[2345]#{20}", Gs1 { from: 12, carry: 0 }).weighing(300),
    Format::new("tnt", "Consignment", "#{9}", Weighted11 { from: 0 }).weighing(60),
    Format::new("canada-post", "Parcel", "#{16}", GS1).printed(' ', &[4, 4, 4, 4]).weighing(100),
    Format::new("purolator", "Courier", "[0-5]#{11}", Luhn).weighing(15),
    // The published ones begin with 2 or 3, where FedEx's do not.
    Format::new("purolator", "Courier", "[23]#{11}", Luhn).weighing(120),
    Format::new("purolator", "Courier, lettered", "@{3}#{9}", Check::None).weighing(80),
    Format::new("canpar", "Parcel", "[CDKLSUXZ]#{21}", Check::None),
    Format::new("dpd", "Label", "#{27}*", Mod37).weighing(100),
    Format::new("dpd", "Parcel", "#{14}*", Mod37).weighing(60),
    Format::new("dpd", "Parcel", "#{14}", Check::None).weighing(40),
    Format::new("ontrac", "Parcel", "[CD]#{14}", Ups { from: 0 }).weighing(150),
    Format::new("lasership", "LX", "L[AIEHNX][1-3]#{7}", Check::None),
    Format::new("lasership", "1LS7", "1LS7[12]#{10}", Check::None),
    Format::new("lasership", "1LS7", "1LS7[12]##01[1-4]#{6}1", Check::None).printed('-', &[16, 1]),
    Format::new("lasership", "1LSCX", "1LSCX*{10}", Check::None),
    // Four beginnings in a thousand: a number that has one of them and passes is hardly Japanese mail.
    Format::new("old-dominion", "Freight", "[07]#{10}", Luhn).weighing(200).beginning(&["777", "778", "072", "780"]),
    Format::new("old-dominion", "Guaranteed", "80#{9}", Luhn).weighing(20),
    Format::new("landmark", "Parcel", "LTN#{8}N1", Check::None),
    Format::new("gofo", "Parcel", "GFUS#{14}", Check::None),
    Format::new("speedee", "Parcel", "SP#{18}", Check::None),
    Format::new("yodel", "Parcel", "JJD#{16}", Check::None),
    Format::new("yodel", "Parcel", "JD#{16}", Check::None),
    Format::new("yunexpress", "Parcel", "YT#{16}", Check::None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_printed_as_it_is_long() {
        for format in FORMATS {
            assert!(
                format.layout.within(usize::from(format.shape.length_min)) == format.layout,
                "{format:?}"
            );
            assert!(format.weight > 0, "{format:?}");
        }
    }

    #[test]
    fn every_link_has_one_place_for_the_number() {
        for format in FORMATS {
            assert!(format.track.is_none_or(|track| track.matches("%s").count() == 1), "{format:?}");
        }
    }

    #[test]
    fn every_beginning_fits_its_shape() {
        for format in FORMATS {
            for prefix in format.prefixes {
                for (at, symbol) in prefix.bytes().enumerate() {
                    assert!(
                        format.shape.set(at) >> crate::shape::code(symbol) & 1 == 1,
                        "{prefix} {format:?}"
                    );
                }
            }
        }
    }
}
