/// Which of the one side's ids (40 hexadecimal digits, drawn by chance) is which of the other's. Where one stands in place
/// of another once, it has to do so everywhere.
struct Ids: Sendable {
  private var there: [String: String] = [:]
  private var back: [String: String] = [:]

  /// The texts are the same but for ids, and their ids fit to all that were seen before.
  mutating func match(_ a: String, _ b: String) -> Bool {
    let (mine, theirs) = (Self.split(a), Self.split(b))
    guard mine.text == theirs.text, mine.ids.count == theirs.ids.count else { return false }
    for (id, other) in zip(mine.ids, theirs.ids) {
      if there[id] == nil, back[other] == nil { (there[id], back[other]) = (other, id) }
      guard there[id] == other, back[other] == id else { return false }
    }
    return true
  }

  static let zeros = String(repeating: "0", count: 40)

  /// The text with a mark for each id, and the ids.
  static func split(_ text: String) -> (text: String, ids: [String]) {
    var (result, run): ([UInt8], [UInt8]) = ([], [])
    var ids: [String] = []
    func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
    func flush() {
      let word = String(decoding: run, as: UTF8.self)
      if run.count == 40, word != zeros {
        ids.append(word)
        result += Array("<id>".utf8)
      } else {
        result += run
      }
      run = []
    }
    for byte in text.utf8 {
      if isHex(byte) {
        run.append(byte)
      } else {
        flush()
        result.append(byte)
      }
    }
    flush()
    return (String(decoding: result, as: UTF8.self), ids)
  }
}
