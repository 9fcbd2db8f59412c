import Capture

/// The first letters of a command's name, for telling commands apart without making text of them.
///
/// ```
///   REPLCONF    52 45 50 4c 43 4f 4e 46    the first letter in the highest byte, lower case as upper case
/// ```
struct CommandName: Hashable, Sendable {
  private var letters: UInt64
  private var length: Int
  /// The letters as they were sent.
  private var sent: UInt64

  /// The name at a place within bytes.
  @inline(__always)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var letters: UInt64 = 0
    var sent: UInt64 = 0
    for index in range.lowerBound..<min(range.upperBound, range.lowerBound + 8) {
      let byte = bytes[index]
      letters = letters << 8 | UInt64(byte >= 0x61 && byte <= 0x7A ? byte & 0xDF : byte)
      sent = sent << 8 | UInt64(byte)
    }
    self.letters = letters
    self.sent = sent
    length = range.count
  }

  /// There are no more letters than these.
  var isWhole: Bool { length <= 8 }

  /// Whether the name may be one of those that mean something to a connection: only these are looked at more closely.
  var isSpecial: Bool {
    switch length {
    case 4: letters == 0x5049_4E47 || letters == 0x4155_5448 || letters == 0x5359_4E43  // PING AUTH SYNC
    case 5: letters == 0x50_5359_4E43  // PSYNC
    case 6: letters == 0x5345_4C45_4354 || letters == 0x434C_4945_4E54  // SELECT CLIENT
    case 7: letters == 0x4D_4F4E_4954_4F52  // MONITOR
    case 8: letters == 0x5245_504C_434F_4E46  // REPLCONF
    case 9: letters == 0x5355_4253_4352_4942  // SUBSCRIB(E)
    case 10: letters == 0x5053_5542_5343_5249 || letters == 0x5353_5542_5343_5249  // PSUBSCRI(BE) SSUBSCRI(BE)
    case 11: letters == 0x554E_5355_4253_4352  // UNSUBSCR(IBE)
    case 12: letters == 0x5055_4E53_5542_5343 || letters == 0x5355_4E53_5542_5343  // PUNSUBSC(RIBE) SUNSUBSC(RIBE)
    default: false
    }
  }
}
