@main struct Replab {
  static func main() {}
}
