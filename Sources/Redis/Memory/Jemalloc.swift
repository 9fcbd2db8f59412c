/// How much memory a real Redis gets for what it asks, which CLIENT LIST and INFO tell (jemalloc on a 64-bit Linux).
enum Jemalloc {
  /// What is given for a request: four sizes to each power of two, 16 bytes apart at least.
  static func size(for count: Int) -> Int {
    if count <= 8 { return 8 }
    if count <= 128 { return (count + 15) / 16 * 16 }
    let step = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount - 2)
    return (count + (step - 1)) / step * step
  }

  /// … and for a string with room for so many bytes, with its header (sdshdr8, 16 or 32) and its final zero.
  static func size(forString count: Int) -> Int { size(for: count + overhead(count)) }

  /// How many bytes fit into a string that was asked to have room for `count`.
  static func room(forString count: Int) -> Int { size(forString: count) - overhead(count) }

  /// … and for a key, an element or a value as it is made (`sdsnewlen`, `sdsReqType` in sds.c): less than 32 bytes have a
  /// header of one byte (sdshdr5).
  static func size(forSds count: Int) -> Int { size(for: count + (count < 32 ? 2 : overhead(count))) }

  private static func overhead(_ count: Int) -> Int { count < 1 << 8 ? 4 : count < 1 << 16 ? 6 : 10 }
}
