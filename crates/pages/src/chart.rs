//! Bar charts as SVG. The figures stand in a table beside each, so that nobody depends on seeing it.

use askama::Template;

/// The height of the bars' ground, and of the room above and below.
const GROUND: i64 = 160;
const TOP: i64 = 16;
/// Room for the figures of the axis.
const LEFT: i64 = 64;
/// The width of a group of bars at least.
const GROUP: i64 = 56;
/// The narrowest chart: letters stay readable where it is shrunk to a phone.
const NARROWEST: i64 = 360;

/// Bars in groups: a group for each label, a bar for each series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What it shows.
    pub title: String,
    /// What stands below each group.
    pub labels: Vec<String>,
    /// The series: what each is called, and a figure for each label.
    pub series: Vec<(String, Vec<i64>)>,
}

/// A chart as it is drawn.
#[derive(Template)]
#[template(path = "chart.html")]
pub struct Chart<'b> {
    title: &'b str,
    width: i64,
    height: i64,
    ground: i64,
    left: i64,
    lines: Vec<GridLine>,
    bars: Vec<Bar>,
    labels: Vec<Label<'b>>,
    series: Vec<(&'static str, &'b str)>,
}

struct GridLine {
    y: i64,
    figure: String,
}

struct Bar {
    shade: &'static str,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
}

struct Label<'b> {
    x: i64,
    text: &'b str,
}

impl Bars {
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
            || self.series.iter().all(|(_, figures)| figures.iter().all(|figure| *figure <= 0))
    }

    /// The chart as SVG with its legend; nothing where there is nothing to draw.
    pub fn svg(&self) -> String {
        if self.is_empty() { String::new() } else { self.chart().render().unwrap_or_default() }
    }

    fn chart(&self) -> Chart<'_> {
        let groups = i64::try_from(self.labels.len()).unwrap_or(i64::MAX).max(1);
        let width = LEFT.saturating_add(groups.saturating_mul(GROUP)).max(NARROWEST);
        let group = (width - LEFT) / groups;
        let step = step(self.most());
        let top = self.most().div_euclid(step).saturating_add(1).saturating_mul(step);
        Chart {
            title: &self.title,
            width,
            height: TOP + GROUND + 28,
            ground: TOP + GROUND,
            left: LEFT,
            lines: lines(step, top),
            bars: self.bars(group, top),
            labels: self.labels.iter().zip(0_i64..).map(|(text, at)| label(text, at, group)).collect(),
            series: self
                .series
                .iter()
                .enumerate()
                .map(|(at, (name, _))| (shade(at), name.as_str()))
                .collect(),
        }
    }

    fn most(&self) -> i64 {
        self.series.iter().flat_map(|(_, figures)| figures).copied().max().unwrap_or(0).max(1)
    }

    fn bars(&self, group: i64, top: i64) -> Vec<Bar> {
        let count = i64::try_from(self.series.len()).unwrap_or(1).max(1);
        let width = (group * 3 / 4) / count;
        let mut bars = Vec::new();
        for ((at, (_, figures)), in_group) in self.series.iter().enumerate().zip(0_i64..) {
            for (figure, place) in figures.iter().zip(0_i64..) {
                let height = scaled(*figure, top);
                let x = LEFT + place * group + group / 8 + in_group * width;
                bars.push(Bar {
                    shade: shade(at),
                    x,
                    y: TOP + GROUND - height,
                    width: width.max(2) - 1,
                    height,
                });
            }
        }
        bars
    }
}

fn label(text: &str, place: i64, group: i64) -> Label<'_> {
    Label { x: LEFT + place * group + group / 2, text }
}

fn lines(step: i64, top: i64) -> Vec<GridLine> {
    let mut lines = Vec::new();
    let mut figure = 0;
    while figure <= top {
        let y = TOP + GROUND - scaled(figure, top);
        lines.push(GridLine { y, figure: choba_formats::language::grouped(figure, "", "") });
        figure = figure.saturating_add(step);
    }
    lines
}

/// How high a figure is drawn; what is below zero has no height, its figure is in the table.
fn scaled(figure: i64, top: i64) -> i64 {
    let height = i128::from(figure.max(0)) * i128::from(GROUND) / i128::from(top.max(1));
    i64::try_from(height).unwrap_or(GROUND)
}

/// A round step of the axis, so that there are two to five lines.
fn step(most: i64) -> i64 {
    let mut ten: i64 = 1;
    while ten.saturating_mul(10) <= most {
        ten = ten.saturating_mul(10);
    }
    match most / ten {
        0..=1 => (ten / 2).max(1),
        2..=4 => ten,
        _ => ten.saturating_mul(2),
    }
}

/// The shade of a series.
fn shade(place: usize) -> &'static str {
    ["a", "b", "c", "d"].get(place % 4).copied().unwrap_or("a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_round_lines() {
        for (most, expected) in
            [(1, 1), (9, 2), (12, 5), (450, 100), (999, 200), (1_000, 500), (7_200, 2_000)]
        {
            assert_eq!(step(most), expected, "{most}");
            let top = most / step(most) * step(most) + step(most);
            assert!((2..=6).contains(&(top / step(most))), "{most}");
        }
    }

    #[test]
    fn bars_are_as_high_as_their_figures() {
        let bars = Bars {
            title: "t".to_owned(),
            labels: vec!["a".to_owned(), "b".to_owned()],
            series: vec![("s".to_owned(), vec![50, 100]), ("u".to_owned(), vec![-5, 25])],
        };
        let heights: Vec<i64> = bars.chart().bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [53, 106, 0, 26]);
        assert!(bars.svg().contains("<svg"));
    }

    #[test]
    fn nothing_is_no_chart() {
        let bars = Bars { title: String::new(), labels: Vec::new(), series: Vec::new() };
        assert_eq!(bars.svg(), "");
    }
}
