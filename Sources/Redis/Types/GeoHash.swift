import Glibc

/// A place by the cell of a grid that it is in: the bits of longitude and latitude in turn, the more the finer (geohash.c).
struct GeoHash: Equatable {
  var bits: UInt64
  /// How often each direction was halved: 26 in a score.
  var step: Int

  static let finest = 26
  private static let evenBits: UInt64 = 0x5555_5555_5555_5555
  private static let oddBits: UInt64 = 0xaaaa_aaaa_aaaa_aaaa

  /// The cell of a place within a part of the world (`geohashEncode`).
  init(_ place: Place, step: Int, in area: GeoArea = .mercator) {
    let cells = Double(UInt64(1) << UInt64(step))
    let latitude = (place.latitude - area.latitude.min) / area.latitude.size
    let longitude = (place.longitude - area.longitude.min) / area.longitude.size
    bits = GeoHash.spread(UInt64(latitude * cells)) | GeoHash.spread(UInt64(longitude * cells)) << 1
    self.step = step
  }

  /// The cell that a score in a sorted set stands for (`decodeGeohash` in geo.c). What is no such score is converted as the
  /// processor does it.
  init(score: Double) {
    step = GeoHash.finest
    if score >= 0x1p63 {
      bits = score < 0x1p64 ? UInt64(score) : 0
    } else {
      bits = score > -0x1p63 ? UInt64(bitPattern: Int64(score)) : 1 << 63
    }
  }

  /// As a score (`geohashAlign52Bits` in geohash_helper.c).
  var aligned: UInt64 { bits << UInt64(2 * (GeoHash.finest - step)) }

  /// The scores from the cell's first to the next cell's first (`scoresOfGeoHashBox` in geo.c).
  var scores: SortedSetRange {
    var next = self
    next.bits &+= 1
    return .scores(from: .init(value: Double(aligned)), to: .init(value: Double(next.aligned), isOpen: true))
  }

  /// What is in the cell (`geohashDecode`).
  var area: GeoArea {
    let cells = Double(UInt64(1) << UInt64(step))
    let (latitude, longitude) = (GeoHash.gather(bits), GeoHash.gather(bits >> 1))
    func range(_ cell: UInt32, _ whole: GeoRange) -> GeoRange {
      // The next cell's number wraps around, in Redis as here.
      GeoRange(
        min: whole.min + Double(cell) / cells * whole.size, max: whole.min + Double(cell &+ 1) / cells * whole.size)
    }
    return GeoArea(
      longitude: range(longitude, GeoArea.mercator.longitude), latitude: range(latitude, GeoArea.mercator.latitude))
  }

  /// The middle of the cell (`geohashDecodeAreaToLongLat`).
  var place: Place {
    let (area, world) = (area, GeoArea.mercator)
    func middle(_ range: GeoRange, within whole: GeoRange) -> Double {
      min(max((range.min + range.max) / 2, whole.min), whole.max)
    }
    return Place(
      longitude: middle(area.longitude, within: world.longitude),
      latitude: middle(area.latitude, within: world.latitude))
  }

  /// The cell that is so many further east and north: 1, 0 or -1 (`geohash_move_x`, `geohash_move_y`).
  func moved(east: Int, north: Int) -> GeoHash {
    let unused = UInt64(64 - 2 * step)
    func moved(_ own: UInt64, _ filled: UInt64, by direction: Int) -> UInt64 {
      switch direction {
      case 0: own
      case 1...: own &+ (filled &+ 1)
      default: (own | filled) &- (filled &+ 1)
      }
    }
    var (longitude, latitude) = (bits & GeoHash.oddBits, bits & GeoHash.evenBits)
    if east != 0 {
      longitude = moved(longitude, GeoHash.evenBits >> unused, by: east) & (GeoHash.oddBits >> unused)
    }
    if north != 0 {
      latitude = moved(latitude, GeoHash.oddBits >> unused, by: north) & (GeoHash.evenBits >> unused)
    }
    return GeoHash(bits: longitude | latitude, step: step)
  }

  private init(bits: UInt64, step: Int) { (self.bits, self.step) = (bits, step) }

  /// Puts a zero before each of the 32 lower bits (`interleave64`).
  private static func spread(_ number: UInt64) -> UInt64 {
    var number = number & 0xffff_ffff
    for (shift, mask) in steps { number = (number | number << shift) & mask }
    return number
  }

  /// Takes every second bit (`deinterleave64`).
  private static func gather(_ bits: UInt64) -> UInt32 {
    var number = bits & evenBits
    for (shift, mask) in [
      (1, 0x3333_3333_3333_3333), (2, 0x0f0f_0f0f_0f0f_0f0f), (4, 0x00ff_00ff_00ff_00ff),
      (8, 0x0000_ffff_0000_ffff), (16, 0x0000_0000_ffff_ffff),
    ] as [(UInt64, UInt64)] {
      number = (number | number >> shift) & mask
    }
    return UInt32(truncatingIfNeeded: number)
  }
  private static let steps: [(UInt64, UInt64)] = [
    (16, 0x0000_ffff_0000_ffff), (8, 0x00ff_00ff_00ff_00ff), (4, 0x0f0f_0f0f_0f0f_0f0f), (2, 0x3333_3333_3333_3333),
    (1, 0x5555_5555_5555_5555),
  ]

  /// As people write it: eleven letters, of the whole world from pole to pole (`geohashCommand` in geo.c). There are bits
  /// for ten of them.
  static func text(of place: Place) -> String {
    let letters = Array("0123456789bcdefghjkmnpqrstuvwxyz")
    let bits = GeoHash(place, step: finest, in: .world).bits
    return String((1...10).map { letters[Int(bits >> UInt64(52 - 5 * $0) & 31)] }) + "0"
  }
}

/// Degrees.
struct Place: Equatable {
  var longitude: Double
  var latitude: Double
}

/// From one degree to another, which may be before it.
struct GeoRange: Equatable {
  var min: Double
  var max: Double

  var size: Double { max - min }
  func contains(_ degrees: Double) -> Bool { min <= degrees && degrees <= max }
}

struct GeoArea: Equatable {
  var longitude: GeoRange
  var latitude: GeoRange

  /// What can be told on a map by Mercator (EPSG:3857), which has no poles (`geohashGetCoordRange` in geohash.c).
  static let mercator = GeoArea(
    longitude: GeoRange(min: -180, max: 180), latitude: GeoRange(min: -85.05112878, max: 85.05112878))
  static let world = GeoArea(
    longitude: GeoRange(min: -180, max: 180), latitude: GeoRange(min: -90, max: 90))

  func contains(_ place: Place) -> Bool { longitude.contains(place.longitude) && latitude.contains(place.latitude) }
}

// Distances on a sphere (geohash_helper.c).
extension Place {
  /// Metres.
  static let earthRadius = 6372797.560856

  static func radians(_ degrees: Double) -> Double { degrees * (Double.pi / 180) }
  static func degrees(_ radians: Double) -> Double { radians / (Double.pi / 180) }

  /// The great circle's distance in metres (`geohashGetDistance`).
  func distance(to other: Place) -> Double {
    let v = sin((Place.radians(other.longitude) - Place.radians(longitude)) / 2)
    if v == 0 { return latitudeDistance(to: other) }
    let (a, b) = (Place.radians(latitude), Place.radians(other.latitude))
    let u = sin((b - a) / 2)
    return 2 * Place.earthRadius * asin((u * u + cos(a) * cos(b) * v * v).squareRoot())
  }

  /// Along a meridian (`geohashGetLatDistance`).
  func latitudeDistance(to other: Place) -> Double {
    Place.earthRadius * abs(Place.radians(other.latitude) - Place.radians(latitude))
  }
}

/// Where one searches (`GeoShape` in geohash.h).
struct GeoShape {
  enum Outline {
    case circle(radius: Double)
    case box(width: Double, height: Double)
  }
  var center: Place
  /// In the unit.
  var outline: Outline
  /// How many metres that is.
  var unit: Double

  /// How far a place is from the middle, or nil if it is outside (`geoWithinShape` in geo.c;
  /// `geohashGetDistanceIfInRectangle` in geohash_helper.c).
  func distance(of place: Place) -> Double? {
    switch outline {
    case .circle(let radius):
      let distance = center.distance(to: place)
      return distance > radius * unit ? nil : distance
    case .box(let width, let height):
      if place.latitudeDistance(to: center) > height * unit / 2 { return nil }
      let across = place.distance(to: Place(longitude: center.longitude, latitude: place.latitude))
      return across > width * unit / 2 ? nil : center.distance(to: place)
    }
  }

  /// Minimum and maximum of longitude and of latitude, which may lie beyond the world (`geohashBoundingBox` in
  /// geohash_helper.c).
  private var bounds: (west: Double, south: Double, east: Double, north: Double) {
    let (width, height): (Double, Double) =
      switch outline {
      case .circle(let radius): (unit * radius, unit * radius)
      case .box(let width, let height): (unit * (width / 2), unit * (height / 2))
      }
    let up = Place.degrees(height / Place.earthRadius)
    // The nearer to a pole, the shorter a degree of longitude.
    let widest = center.latitude < 0 ? center.latitude - up : center.latitude + up
    let across = Place.degrees(width / Place.earthRadius / cos(Place.radians(widest)))
    return (center.longitude - across, center.latitude - up, center.longitude + across, center.latitude + up)
  }

  /// The cell of the middle and those around it that may have something to do with it, as coarse as the shape is large
  /// (`geohashCalculateAreasByShapeWGS84` in geohash_helper.c). Those that can't are nil.
  var cells: [GeoHash?] {
    let bounds = bounds
    var hash = GeoHash(center, step: step)
    let isTooFine =
      hash.moved(east: 0, north: 1).area.latitude.max < bounds.north
      || hash.moved(east: 0, north: -1).area.latitude.min > bounds.south
      || hash.moved(east: 1, north: 0).area.longitude.max < bounds.east
      || hash.moved(east: -1, north: 0).area.longitude.min > bounds.west
    if hash.step > 1, isTooFine { hash = GeoHash(center, step: hash.step - 1) }
    let area = hash.area
    return GeoShape.order.map { east, north in
      if hash.step >= 2,
        north < 0 && area.latitude.min < bounds.south || north > 0 && area.latitude.max > bounds.north
          || east < 0 && area.longitude.min < bounds.west || east > 0 && area.longitude.max > bounds.east
      {
        return nil
      }
      return hash.moved(east: east, north: north)
    }
  }

  /// In which they are searched (`membersOfAllNeighbors` in geo.c).
  private static let order = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)]

  /// How fine cells may be so that nine of them cover the shape (`geohashEstimateStepsByRadius` in geohash_helper.c).
  private var step: Int {
    var radius: Double =
      switch outline {
      case .circle(let radius): radius
      case .box(let width, let height): (width / 2 * (width / 2) + height / 2 * (height / 2)).squareRoot()
      }
    radius *= unit
    if radius == 0 { return GeoHash.finest }
    var step = 1
    while radius < 20037726.37 {
      radius *= 2
      step += 1
    }
    step -= 2
    if abs(center.latitude) > 66 { step -= 1 }
    if abs(center.latitude) > 80 { step -= 1 }
    return min(max(step, 1), GeoHash.finest)
  }
}
