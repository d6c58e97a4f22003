"""Programs are found by their files, and know nothing of each other."""

import grimp

from connector.programs import programs


def test_programs_are_found_by_their_files() -> None:
    """A file with `PROGRAM` is all it takes; its name is the name of the program."""
    assert "stalled" in programs()
    assert all(type(program).__module__ == f"connector.programs.{name}" for name, program in programs().items())


def test_no_program_knows_another_and_the_practice_knows_none() -> None:
    """What several need belongs into the practice, or a new program would mean touching an old one."""
    graph = grimp.build_graph("connector")
    modules = {f"connector.programs.{name}" for name in programs()}
    practice = {module for module in graph.modules if module.startswith("connector.programs.practice")}
    for module in modules | practice:
        assert not graph.find_modules_directly_imported_by(module) & (modules - {module}), module
