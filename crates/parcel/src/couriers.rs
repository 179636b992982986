//! The couriers, as data: adding one is adding a row here and its forms to the table of formats.
//!
//! Links come from public pages and public code; `%s` is where the number goes. A courier without a public page has none.

/// What is known of a courier beside the forms of its numbers.
pub(crate) struct Courier {
    /// The stable id outside programs rely on: lower case, hyphens.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) name_ja: &'static str,
    /// Where the courier is at home, as a country hint means it; `None` where it is at home in many places.
    pub(crate) home: Option<[u8; 2]>,
    pub(crate) track: Option<&'static str>,
}

const fn courier(id: &'static str, name: &'static str, name_ja: &'static str) -> Courier {
    Courier { id, name, name_ja, home: None, track: None }
}

impl Courier {
    const fn at_home_in(self, country: &[u8; 2]) -> Courier {
        Courier { home: Some(*country), ..self }
    }

    const fn tracked_at(self, track: &'static str) -> Courier {
        Courier { track: Some(track), ..self }
    }
}

/// Every courier, Japan's first.
#[rustfmt::skip] // one courier, one paragraph
pub(crate) const COURIERS: &[Courier] = &[
    courier("yamato", "Yamato Transport", "ヤマト運輸").at_home_in(b"JP")
        .tracked_at("https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id=%s"),
    courier("sagawa", "Sagawa Express", "佐川急便").at_home_in(b"JP")
        .tracked_at("https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=%s"),
    courier("japan-post", "Japan Post", "日本郵便").at_home_in(b"JP")
        .tracked_at("https://trackings.post.japanpost.jp/services/srv/search/direct?searchKind=S002&locale=ja&reqCodeNo1=%s"),
    courier("fukuyama", "Fukuyama Transporting", "福山通運").at_home_in(b"JP")
        .tracked_at("https://corp.fukutsu.co.jp/situation/tracking_no_hunt/%s"),
    courier("seino", "Seino Transportation", "西濃運輸").at_home_in(b"JP")
        .tracked_at("https://track.seino.co.jp/cgi-bin/gnpquery.pgm?GNPNO1=%s"),
    // Its parcels can be followed only inside the buyer's own account, so there is no link.
    courier("amazon", "Amazon Logistics", "Amazon（自社配送）"),
    courier("dhl", "DHL", "DHL").at_home_in(b"DE")
        .tracked_at("https://mydhl.express.dhl/jp/ja/tracking.html#/results?id=%s"),
    courier("fedex", "FedEx", "フェデックス").at_home_in(b"US")
        .tracked_at("https://www.fedex.com/apps/fedextrack/?tracknumbers=%s"),
    courier("ups", "UPS", "UPS").at_home_in(b"US")
        .tracked_at("https://www.ups.com/track?loc=ja_JP&tracknum=%s"),
    courier("usps", "United States Postal Service", "米国郵便公社").at_home_in(b"US")
        .tracked_at("https://tools.usps.com/go/TrackConfirmAction?tLabels=%s"),
    courier("tnt", "TNT", "TNT").at_home_in(b"NL")
        .tracked_at("https://www.tnt.com/express/en_us/site/shipping-tools/tracking.html?searchType=con&cons=%s"),
    courier("canada-post", "Canada Post", "カナダ郵便").at_home_in(b"CA")
        .tracked_at("https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor=%s"),
    courier("purolator", "Purolator", "ピュロレーター").at_home_in(b"CA")
        .tracked_at("https://www.purolator.com/en/shipping/tracker?searchValue=%s"),
    courier("canpar", "Canpar", "キャンパー").at_home_in(b"CA")
        .tracked_at("https://www.canpar.com/en/track/tracking.jsp?reference=%s&locale=en"),
    courier("dpd", "DPD", "DPD")
        .tracked_at("https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber=%s"),
    courier("ontrac", "OnTrac", "オントラック").at_home_in(b"US")
        .tracked_at("https://www.ontrac.com/tracking/?number=%s"),
    courier("lasership", "LaserShip", "レーザーシップ").at_home_in(b"US"),
    courier("old-dominion", "Old Dominion Freight Line", "オールド・ドミニオン").at_home_in(b"US")
        .tracked_at("https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers=%s"),
    courier("royal-mail", "Royal Mail", "ロイヤルメール").at_home_in(b"GB")
        .tracked_at("https://www.royalmail.com/track-your-item#/tracking-results/%s"),
    courier("landmark", "Landmark Global", "ランドマーク・グローバル")
        .tracked_at("https://track.landmarkglobal.com/?search=%s"),
    courier("gofo", "GOFO Express", "GOFO").at_home_in(b"US")
        .tracked_at("https://www.gofoexpress.com/tracking.html?searchID=%s"),
    courier("speedee", "Spee-Dee Delivery", "スピーディー").at_home_in(b"US")
        .tracked_at("https://www.speedeedelivery.com/track/?tracking=%s"),
    courier("yodel", "Yodel", "ヨーデル").at_home_in(b"GB")
        .tracked_at("https://www.yodel.co.uk/tracking/%s"),
    courier("yunexpress", "YunExpress", "雲途物流").at_home_in(b"CN")
        .tracked_at("https://www.yuntrack.com/parcelTracking?id=%s"),
    // A number of the postal union's form whose country has no post known here.
    courier("s10", "a post of the Universal Postal Union", "万国郵便連合の郵便事業者"),
];
