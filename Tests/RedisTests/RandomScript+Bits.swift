// Calls of the commands on the bits of a string, and of those that estimate how many different things there are.
extension RandomScript {
  private mutating func offset() -> String {
    chance(25)
      ? pick(["-1", "x", "4294967296", "9223372036854775807", "1.5", "", "#1", "#-1", "01"]) : "\(random.next() % 150)"
  }

  private mutating func fieldType() -> String {
    chance(20)
      ? pick(["u64", "i65", "i0", "u0", "x8", "i", "", "8", "i-1", "i64", "u63", "i1", "u1"])
      : pick(["u", "i"]) + "\(1 + random.next() % 63)"
  }

  private mutating func fieldOffset() -> String { (chance(3) ? "#" : "") + offset() }

  private mutating func fieldNumber() -> String {
    chance(3) ? integer() : pick(["1", "-1", "127", "128", "255", "-128", "-129", "4611686018427387904"])
  }

  private mutating func fieldWords() -> [String] {
    switch random.next() % 8 {
    case 0, 1: ["GET", fieldType(), fieldOffset()]
    case 2, 3: ["SET", fieldType(), fieldOffset(), fieldNumber()]
    case 4...6: ["INCRBY", fieldType(), fieldOffset(), fieldNumber()]
    default: ["OVERFLOW", chance(20) ? "x" : pick(["WRAP", "sat", "FAIL"])]
    }
  }

  private mutating func unit() -> [String] { chance(2) ? [] : [chance(12) ? "x" : pick(["BIT", "byte", "bit"])] }
  private mutating func place() -> String { chance(15) ? integer() : "\(Int64(random.next() % 160) - 60)" }

  mutating func bitmapCall() -> [String] {
    switch random.next() % 24 {
    case 0...4: ["SETBIT", typeKey(), offset(), chance(15) ? integer() : pick(["0", "1"])]
    case 5, 6: ["GETBIT", typeKey(), offset()]
    case 7, 8: ["BITCOUNT", typeKey()] + (chance(4) ? [] : [place()] + (chance(12) ? [] : [place()] + unit()))
    case 9...12:
      ["BITPOS", typeKey(), chance(20) ? integer() : pick(["0", "1"])]
        + (chance(4) ? [] : [place()] + (chance(3) ? [] : [place()] + unit()))
    case 13, 14:
      ["BITOP", chance(20) ? "x" : pick(["AND", "or", "XOR"]), typeKey()]
        + (0...random.next() % 3).map { _ in typeKey() }
    case 15: ["BITOP", "NOT", typeKey(), typeKey()] + someOf([[typeKey()]], oneIn: 8)
    case 16...19:
      ["BITFIELD", typeKey()] + (0...random.next() % 4).flatMap { _ in fieldWords() }
        + someOf([["GET"], ["x"]], oneIn: 30)
    case 20: ["BITFIELD_RO", typeKey(), "GET", fieldType(), fieldOffset()] + someOf([fieldWords()], oneIn: 4)
    case 21: chance(3) ? ["LPUSH", "list", "a"] : ["GET", typeKey()]
    case 22: [pick(["SETBIT", "GETBIT", "BITCOUNT", "BITPOS"]), chance(2) ? "list" : typeKey(), "1", "1"]
    default:
      chance(2)
        ? ["SET", typeKey(), pick([value(), "\u{7f}\u{7f}\u{7f}", ""])]
        : ["SETRANGE", typeKey(), "\(random.next() % 12)", pick(["\u{0}\u{0}\u{0}", "abc", "\u{7f}"])]
    }
  }

  private mutating func things(_ most: UInt64) -> [String] {
    (0..<random.next() % most).map { _ in "\(random.next() % 3_000)" }
  }

  mutating func hyperLogLogCall() -> [String] {
    switch random.next() % 24 {
    case 0...8: ["PFADD", typeKey()] + things(chance(4) ? 60 : 5)
    case 9: ["PFADD", typeKey(), element(), "", value()]
    case 10, 11: ["PFCOUNT", typeKey()]
    case 12, 13: ["PFCOUNT", typeKey(), typeKey()] + someOf([[typeKey()]])
    case 14: ["PFMERGE", typeKey()] + someOf([[typeKey()], [typeKey()]], oneIn: 2)
    case 15, 16: ["PFDEBUG", pick(["DECODE", "ENCODING", "encoding", "decode"]), typeKey()]
    case 17: ["PFDEBUG", chance(3) ? "TODENSE" : "ENCODING", typeKey()] + someOf([["x"]], oneIn: 6)
    case 18: chance(10) ? ["PFDEBUG", "GETREG", typeKey()] : ["PFDEBUG", pick(["x", "DECODE"]), typeKey()]
    case 19: ["CONFIG", "SET", "hll-sparse-max-bytes", pick(["0", "30", "60", "200", "3000", "12305"])]
    case 20: chance(3) ? ["LPUSH", "list", "a"] : [pick(["PFADD", "PFCOUNT"]), "list"] + someOf([["x"]])
    // Bytes that make no sense, and such that do by chance.
    case 21:
      chance(4)
        ? ["SETRANGE", typeKey(), "\(random.next() % 20)", pick(["\u{0}", "\u{1}", "\u{40}", "H", "\u{7f}"])]
        : ["STRLEN", typeKey()]
    case 22:
      [
        "SET", typeKey(),
        pick([
          "HYLL\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{7f}\u{7f}", "HYLL",
          "HYLL\u{2}00000000000", "HYLL\u{0}00000000000",
        ]),
      ]
    default: ["DEL", typeKey()]
    }
  }
}
