/// One numbered database: keys in the order in which they were first set, which is the order of a snapshot.
package struct Database: Sendable {
  package init() {}
}
