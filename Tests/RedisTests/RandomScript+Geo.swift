// Calls of the commands on places: few of them, so that some are equally far, and some at the edges of the world.
extension RandomScript {
  private mutating func longitude() -> String {
    switch random.next() % 12 {
    case 0: pick(["180", "-180", "179.9", "-179.9", "0", "180.1", "x", "nan", "-200"])
    case 1...4: "\(Int64(random.next() % 360) - 180)"
    default: "\(Double(Int64(random.next() % 3_000)) / 1_000 + 12)"
    }
  }

  private mutating func latitude() -> String {
    switch random.next() % 12 {
    case 0: pick(["85.05112878", "-85.05112878", "85", "-85", "0", "86", "-90", "x", "inf"])
    case 1...4: "\(Int64(random.next() % 170) - 85)"
    default: "\(Double(Int64(random.next() % 3_000)) / 1_000 + 36)"
    }
  }

  private mutating func place() -> [String] {
    chance(3)
      ? pick([["13.361389", "38.115556"], ["15.087269", "37.502669"], ["0", "0"]]) : [longitude(), latitude()]
  }

  private mutating func member() -> String { chance(10) ? element() : "m\(random.next() % 60)" }
  private mutating func lengthUnit() -> String {
    chance(25) ? pick(["x", "", "mm"]) : pick(["m", "km", "ft", "mi", "KM"])
  }

  private mutating func length() -> String {
    switch random.next() % 10 {
    case 0: pick(["0", "-1", "x", "1e10", "inf", "nan", "1e-9"])
    case 1, 2: "\(random.next() % 20_000)"
    default: "\(random.next() % 300)"
    }
  }

  private mutating func count() -> [String] {
    ["COUNT", chance(12) ? integer() : "\(1 + random.next() % 12)"] + someOf([["ANY"]], oneIn: 4)
  }

  private mutating func searchOptions(_ oneIn: UInt64 = 3) -> [String] {
    someOf([["WITHCOORD"], ["WITHDIST"], ["WITHHASH"]], oneIn: oneIn)
      + someOf(
        [count(), [pick(["ASC", "DESC"])], ["x"], ["ANY"]].enumerated().filter { $0.offset < 2 || chance(12) }.map(
          \.element), oneIn: 2)
  }

  private mutating func center() -> [String] {
    chance(15) ? [] : chance(2) ? ["FROMMEMBER", member()] : ["FROMLONLAT"] + place()
  }

  private mutating func shape() -> [String] {
    chance(15)
      ? [] : chance(2) ? ["BYRADIUS", length(), lengthUnit()] : ["BYBOX", length(), length(), lengthUnit()]
  }

  /// A radius that does not go around the world, which finds some members twice.
  private mutating func modestShape() -> [String] {
    chance(2)
      ? ["BYRADIUS", "\(random.next() % 900)", "km"]
      : ["BYBOX", "\(random.next() % 900)", "\(random.next() % 900)", "km"]
  }

  mutating func geoCall() -> [String] {
    switch random.next() % 28 {
    case 0...5:
      ["GEOADD", typeKey()] + someOf([["NX"], ["XX"], ["CH"], ["GT"]], oneIn: 12)
        + (0...random.next() % (chance(4) ? 30 : 3)).flatMap { _ in place() + [member()] } + someOf([["1"]], oneIn: 20)
    case 6, 7: ["GEODIST", typeKey(), member(), member()] + someOf([[lengthUnit()], ["x"]], oneIn: 4)
    case 8: ["GEOHASH", typeKey()] + (0...random.next() % 3).map { _ in member() }
    case 9: ["GEOPOS", typeKey()] + (0...random.next() % 3).map { _ in member() }
    case 10...15: ["GEOSEARCH", typeKey()] + center() + shape() + searchOptions()
    case 16: ["GEOSEARCH", typeKey()] + shape() + center() + searchOptions() + someOf([center(), shape()], oneIn: 4)
    case 17, 18:
      ["GEOSEARCHSTORE", typeKey(), typeKey()] + center() + modestShape() + searchOptions(20) + someOf([["STOREDIST"]])
    case 19, 20:
      [pick(["GEORADIUS", "GEORADIUS_RO"]), typeKey()] + place() + [length(), lengthUnit()] + searchOptions()
    case 21, 22:
      [pick(["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]), typeKey(), member(), length(), lengthUnit()]
        + searchOptions()
    case 23:
      [pick(["GEORADIUS", "GEORADIUS", "GEORADIUS_RO"]), typeKey()] + place() + ["\(random.next() % 900)", "km"]
        + searchOptions(20) + [pick(["STORE", "STOREDIST"]), typeKey()]
    case 24:
      [
        "GEORADIUSBYMEMBER", typeKey(), member(), "\(random.next() % 900)", "km", pick(["STORE", "STOREDIST"]),
        typeKey(),
      ]
    // Scores that are no places, which are one nonetheless.
    case 25:
      [
        "ZADD", typeKey(),
        pick(["-1", "inf", "-inf", "1e18", "1e19", "1e20", "1.5", "9007199254740991", "4503599627370496"]), member(),
      ]
    case 26: ["ZRANGE", typeKey(), "0", "-1", "WITHSCORES"]
    default: ["ZREM", typeKey(), member(), member()]
    }
  }
}
