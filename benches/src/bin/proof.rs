//! Proves that the server makes every write once.

fn main() -> std::process::ExitCode {
    benches::proof::main()
}
