//! A plain valid number is answered without the heap.

use std::hint::black_box;

use allocation_counter::measure;
use choba_parcel::parse;

#[test]
fn a_plain_valid_number_needs_no_allocation() {
    let numbers = [
        "1234-5678-9013",
        "１２３４－５６７８－９０１３",
        "123-45-67890-3",
        "EE471108151FR",
        "1Z5R8939O357567127",
        "a999999999994a",
        "DA1234567890",
        "9400111206206406260787",
        "986578788855",
        "250-1234567-1234567",
    ];
    for number in numbers {
        let counted = measure(|| {
            let answer = parse(black_box(number));
            black_box((
                answer.is_valid(),
                answer.carrier(),
                answer.normalized().len(),
                answer.read_as().count(),
            ));
        });
        assert_eq!(counted.count_total, 0, "{number}");
    }
}
