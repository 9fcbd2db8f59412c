extension ContiguousArray {
  /// The elements, where they are. Whoever goes down several arrays within each other by subscripts or spans counts a reference
  /// to each of them on the way, which is most of what a look at an element then costs.
  ///
  /// The addresses are right for as long as the array is there and is not changed. So it is for whoever reads from what it
  /// has borrowed: nobody changes that meanwhile, and what lies in an array that stays stays as well. Who may hold the last
  /// reference says `extendLifetime` behind the last look.
  @unsafe var inPlace: UnsafeBufferPointer<Element> {
    @inline(__always) get { unsafe withUnsafeBufferPointer { unsafe $0 } }
  }
}
