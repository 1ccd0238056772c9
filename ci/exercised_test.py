"""exercised.py reads the table of `tcp-assay check` and nothing else."""

import pathlib
import tempfile
import unittest

import exercised

TABLE = """\
  requirement             level        section        summary                           reference
                                                                                        0.1

RFC 9293
  MUST-1                  MUST         3.1            Window field is an unsigned qua~  unexercised
  MUST-2                  MUST         3.1            Every sent segment carries a co~  passed 16360
  MAY-9                   MAY          3.6            passed 3 is said here             -
RFC 6298
  5.1-1                   RECOMMENDED  5              Timer                             passed 7
  5-1                     MUST         5              Timers                            warned 2
  passed                                                                              197
"""


class Exercised(unittest.TestCase):
    def test_counts_are_of_the_requirement_and_its_rfc(self):
        self.assertEqual(exercised.counts_of(TABLE), {
            "RFC9293-MUST-2": 16360, "RFC6298-5.1-1": 7, "RFC6298-5-1": 2})

    def test_what_is_written_is_read_again(self):
        counts = exercised.counts_of(TABLE)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "exercised.tsv")
            path.write_text(exercised.render(counts))
            self.assertEqual(exercised.read(path), counts)
        self.assertEqual(exercised.read(pathlib.Path("/nowhere")), {})


if __name__ == "__main__":
    unittest.main()
