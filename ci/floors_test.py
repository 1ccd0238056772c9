"""The tree passes floors.py, and trees with one fault each do not."""

import pathlib
import tempfile
import unittest

import floors

TREE = pathlib.Path(__file__).resolve().parent.parent

SOUND = {
    "stack/wire/packet.h": "#include <cstdint>\n",
    "stack/tcp/tcb.h": '#include "stack/wire/packet.h"\n',
    "stack/wire/CMakeLists.txt": "assay_library(assay_wire SOURCES packet.cc LINK assay_base)\n",
    "stack/tcp/CMakeLists.txt": "assay_library(assay_tcp SOURCES tcb.cc LINK assay_wire)\n",
    "harness/sut/stack.h": '#include "stack/wire/packet.h"\n',
    "harness/sut/CMakeLists.txt": "assay_library(assay_sut SOURCES stack.cc LINK assay_wire)\n",
    "harness/observer/trace.h": '#include <vector>\n\n#include "harness/sut/stack.h"\n',
    "harness/observer/CMakeLists.txt":
        "assay_library(assay_observer STRICT\n  SOURCES trace.cc\n  LINK assay_wire assay_sut)\n",
    "harness/rules/rule.h": '#include "harness/observer/trace.h"\n#include "gtest/gtest.h"\n',
    "harness/rules/CMakeLists.txt":
        "# assay_tcp is on the other side.\n"
        "assay_library(assay_rules SOURCES r.cc LINK assay_observer)\n",
}


class Floors(unittest.TestCase):
    def problems(self, **changes):
        """What floors.py says of the sound tree with some files changed."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {**SOUND, **changes.get("files", {})}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return floors.check(root)[0]

    def assert_only(self, problems, place, *words):
        self.assertEqual(len(problems), 1, problems)
        self.assertTrue(problems[0].startswith(place + ": "), problems[0])
        for word in words:
            self.assertIn(word, problems[0])

    def test_the_tree_passes(self):
        problems, files, targets = floors.check(TREE)
        self.assertEqual(problems, [])
        self.assertGreater(files, 50)
        self.assertGreater(targets, 5)

    def test_a_sound_tree_passes(self):
        self.assertEqual(self.problems(), [])

    def test_an_include_upward_fails(self):
        problems = self.problems(files={
            "stack/wire/packet.h": '#include <cstdint>\n#include "stack/tcp/tcb.h"\n'})
        self.assertIn("stack/wire/packet.h:2: stack/wire (floor 0) includes \"stack/tcp/tcb.h\", "
                      "which is up in stack/tcp (floor 1)", problems)

    def test_an_include_of_a_later_row_of_the_same_floor_fails(self):
        self.assert_only(self.problems(files={
            "stack/base/check.h": '  #  include <stack/wire/packet.h>\n'}),
            "stack/base/check.h:1", "up in stack/wire")

    def test_a_harness_below_the_stack_fails(self):
        self.assert_only(self.problems(files={
            "stack/tcp/tcb.cc": '#include "harness/sut/stack.h"\n'}),
            "stack/tcp/tcb.cc:1", "up in harness/sut")

    def test_a_breach_of_the_wall_fails(self):
        self.assert_only(self.problems(files={
            "harness/rules/ack.cc": '\n#include "stack/tcp/tcb.h"\n'}),
            "harness/rules/ack.cc:2", "through the wall", "stack/tcp/tcb.h")

    def test_a_breach_of_the_wall_by_a_test_fails_too(self):
        self.assert_only(self.problems(files={
            "harness/observer/trace_test.cc": '#include "stack/host/host.h"\n'}),
            "harness/observer/trace_test.cc:1", "through the wall")

    def test_a_breach_of_the_wall_through_another_file_fails(self):
        problems = self.problems(files={
            "harness/sut/stack.h": '#include "harness/sut/inner.h"\n',
            "harness/sut/inner.h": '#include "stack/tcp/tcb.h"\n'})
        self.assertEqual(len(problems), 2, problems)
        self.assertIn("harness/observer/trace.h:3: through the wall: the oracle includes "
                      "harness/sut/stack.h, which includes harness/sut/inner.h, which includes "
                      "stack/tcp/tcb.h", problems)

    def test_a_path_that_hides_its_floor_fails(self):
        for path in ("../tcp/tcb.h", "packet.h"):
            self.assert_only(self.problems(files={
                "stack/wire/segment.h": f'#include "{path}"\n'}),
                "stack/wire/segment.h:1", "from the top of the tree")

    def test_an_include_through_a_macro_fails(self):
        self.assert_only(self.problems(files={"stack/wire/segment.h": "#include HEADER\n"}),
                         "stack/wire/segment.h:1", "must name its file")

    def test_a_folder_on_no_floor_fails(self):
        problems = self.problems(files={
            "harness/util/strings.h": "\n",
            "harness/cli/main.cc": '#include "harness/util/strings.h"\n'})
        self.assertEqual([p.split(" ")[0] for p in problems],
                         ["harness/util/strings.h:1:", "harness/cli/main.cc:1:"])

    def test_a_link_upward_fails(self):
        self.assert_only(self.problems(files={
            "stack/wire/CMakeLists.txt":
                "assay_library(assay_wire\n  SOURCES packet.cc\n  PRIVATE_LINK assay_sut)\n"}),
            "stack/wire/CMakeLists.txt:3", "assay_wire", "up in harness/sut")

    def test_a_link_through_the_wall_fails(self):
        self.assert_only(self.problems(files={
            "harness/rules/CMakeLists.txt":
                "assay_library(assay_rules SOURCES r.cc LINK assay_observer)\n"
                "target_link_libraries(assay_rules PRIVATE assay_tcp)\n"}),
            "harness/rules/CMakeLists.txt:2", "through the wall", "assay_tcp")

    def test_a_test_of_the_oracle_that_links_the_reference_fails(self):
        self.assert_only(self.problems(files={
            "harness/observer/CMakeLists.txt":
                SOUND["harness/observer/CMakeLists.txt"]
                + "assay_test(observer_test SOURCES a_test.cc LINK assay_observer assay_tcp)\n"}),
            "harness/observer/CMakeLists.txt:4", "observer_test", "assay_tcp")

    def test_a_link_through_the_wall_by_way_of_another_target_fails(self):
        problems = self.problems(files={
            "harness/sut/CMakeLists.txt": "assay_library(assay_sut SOURCES s.cc LINK assay_tcp)\n"})
        self.assertTrue(any("assay_observer links assay_sut, which links assay_tcp" in p
                            for p in problems), problems)


if __name__ == "__main__":
    unittest.main()
