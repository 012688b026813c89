// What an eye sees between walls, by CGAL's triangular expansion: a second judge for the engine in gis/.
//
// In, from stdin, all numbers as fractions "n/d" in any order of rings:
//   SCENES, then for each: EYE_X EYE_Y BUILDINGS, for each building: RINGS, for each ring: POINTS, then X Y of each.
// Out, one line a scene: the area seen as a fraction, or "failed" and what CGAL said.
//
// The walls of all buildings make one arrangement, overlaps and touches included; the open ground is the faces under no
// roof. An eye on a wall or a corner is asked once for each halfedge that has open ground on its left.

#include <CGAL/Arr_naive_point_location.h>
#include <CGAL/Arr_segment_traits_2.h>
#include <CGAL/Arrangement_2.h>
#include <CGAL/Gmpq.h>
#include <CGAL/Polygon_2_algorithms.h>
#include <CGAL/Simple_cartesian.h>
#include <CGAL/Triangular_expansion_visibility_2.h>
#include <CGAL/version.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#if CGAL_VERSION_NR < CGAL_VERSION_NUMBER(6, 0, 0)
#include <boost/variant.hpp>
using boost::get;
#else
#include <variant>
using std::get_if;
template <class T, class V> const T* get(const V* where) { return get_if<T>(where); }
#endif

using Number = CGAL::Gmpq;
using Kernel = CGAL::Simple_cartesian<Number>;
using Point = Kernel::Point_2;
using Segment = Kernel::Segment_2;
using Arrangement = CGAL::Arrangement_2<CGAL::Arr_segment_traits_2<Kernel>>;
using Places = CGAL::Arr_naive_point_location<Arrangement>;
using Vertex = Arrangement::Vertex_const_handle;
using Halfedge = Arrangement::Halfedge_const_handle;
using Face = Arrangement::Face_const_handle;
using Visibility = CGAL::Triangular_expansion_visibility_2<Arrangement, CGAL::Tag_true>;
using Ring = std::vector<Point>;
using Building = std::vector<Ring>;

Number read_number() {
  std::string text;
  std::cin >> text;
  return Number(text);
}

Point read_point() {
  const Number x = read_number();
  return Point(x, read_number());
}

std::vector<Building> read_buildings() {
  std::size_t count = 0;
  std::cin >> count;
  std::vector<Building> buildings(count);
  for (Building& building : buildings) {
    std::cin >> count;
    building.resize(count);
    for (Ring& ring : building) {
      std::cin >> count;
      while (ring.size() < count) ring.push_back(read_point());
    }
  }
  return buildings;
}

Arrangement arrange(const std::vector<Building>& buildings) {
  Arrangement all;
  const Places places(all);
  // One by one and not by a sweep of all, which takes the compiler a third longer.
  for (const Building& building : buildings)
    for (const Ring& ring : building)
      for (std::size_t row = 0; row < ring.size(); ++row)
        CGAL::insert(all, Segment(ring[row], ring[(row + 1) % ring.size()]), places);
  return all;
}

// Whether the ground just left of the way from -> to, at its middle, lies inside a ring.
bool is_left_inside(const Ring& ring, const Point& from, const Point& to) {
  const Point middle = CGAL::midpoint(from, to);
  const CGAL::Bounded_side side = CGAL::bounded_side_2(ring.begin(), ring.end(), middle, Kernel());
  if (side != CGAL::ON_BOUNDARY) return side == CGAL::ON_BOUNDED_SIDE;
  const bool runs_left = CGAL::orientation_2(ring.begin(), ring.end(), Kernel()) == CGAL::LEFT_TURN;
  for (std::size_t row = 0; row < ring.size(); ++row) {
    const Point &a = ring[row], &b = ring[(row + 1) % ring.size()];
    if (Segment(a, b).has_on(middle)) return ((b - a) * (to - from) > 0) == runs_left;
  }
  return false;
}

bool is_left_open(const std::vector<Building>& buildings, Halfedge way) {
  for (const Building& building : buildings) {
    bool inside = false;
    for (const Ring& ring : building)
      inside ^= is_left_inside(ring, way->source()->point(), way->target()->point());
    if (inside) return false;
  }
  return true;
}

Number area(Face face) {
  Number twice = 0;
  const auto first = face->outer_ccb();
  auto way = first;
  do {
    const Point &a = way->source()->point(), &b = way->target()->point();
    twice += a.x() * b.y() - a.y() * b.x();
  } while (++way != first);
  return twice / 2;
}

template <class Where> Number seen(const Visibility& visibility, const Point& eye, Where where) {
  Arrangement out;
  return area(visibility.compute_visibility(eye, where, out));
}

Number area_seen(const Point& eye, const std::vector<Building>& buildings) {
  const Arrangement all = arrange(buildings);
  const Visibility visibility(all);
  const auto where = Places(all).locate(eye);
  Number sum = 0;
  const auto add = [&](Halfedge way) {
    if (is_left_open(buildings, way)) sum += seen(visibility, eye, way);
  };
  if (const Face* face = get<Face>(&where)) return seen(visibility, eye, *face);
  if (const Halfedge* edge = get<Halfedge>(&where)) {
    add(*edge);
    add((*edge)->twin());
  } else if (const Vertex* corner = get<Vertex>(&where)) {
    const auto first = (*corner)->incident_halfedges();
    auto way = first;
    do add(way);
    while (++way != first);
  }
  return sum;
}

int main() {
  CGAL::set_error_behaviour(CGAL::THROW_EXCEPTION);
  std::size_t scenes = 0;
  for (std::cin >> scenes; scenes > 0; --scenes) {
    const Point eye = read_point();
    const std::vector<Building> buildings = read_buildings();
    try {
      std::cout << area_seen(eye, buildings) << std::endl;
    } catch (const std::exception& error) {
      std::string said = error.what();
      for (char& each : said)
        if (each == '\n') each = ' ';
      std::cout << "failed " << said << std::endl;
    }
  }
}
