//! A file that is new among the sample markets is carried inside the program like the others.

fn main() {
    println!("cargo:rerun-if-changed=../../markets");
}
