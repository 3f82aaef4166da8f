from spbe_tasks.rules.submission_changes import Change, ChangeKind, Contents, Said, Shown, Words, changes

DECREE = Shown(1, "SK Tim")
BEFORE = Contents(
    {(3, "a"): Said(True, "Pasal 4", {7: DECREE}), (3, "b"): Said(False, "")},
    {3: Words("Ada SK.", "Sudah sesuai.")},
)


def test_the_same_contents_have_no_changes() -> None:
    assert changes(BEFORE, BEFORE) == ()


def test_what_says_nothing_is_no_change_to_what_is_not_there() -> None:
    assert changes(Contents(), Contents({(3, "b"): Said()}, {3: Words()})) == ()


def test_ticks_and_explanations_are_told_by_level_and_letter() -> None:
    now = Contents({(3, "a"): Said(False, "Pasal 5", {7: DECREE}), (3, "b"): Said(True)}, BEFORE.texts)
    assert changes(BEFORE, now) == (
        Change(ChangeKind.UNTICKED, 3, "a"),
        Change(ChangeKind.EXPLANATION, 3, "a", "Pasal 4", "Pasal 5"),
        Change(ChangeKind.TICKED, 3, "b"),
    )


def test_evidence_is_added_renewed_or_removed_each_with_its_title() -> None:
    now = Contents(
        {
            (3, "a"): Said(True, "Pasal 4", {7: Shown(2, "SK Tim 2026")}),
            (3, "b"): Said(False, "", {9: Shown(1, "Notula")}),
        },
        BEFORE.texts,
    )
    assert changes(BEFORE, now) == (
        Change(ChangeKind.EVIDENCE_RENEWED, 3, "a", "SK Tim", "SK Tim 2026", 7),
        Change(ChangeKind.EVIDENCE_ADDED, 3, "b", "", "Notula", 9),
    )
    assert changes(now, BEFORE)[-1] == Change(ChangeKind.EVIDENCE_REMOVED, 3, "b", "Notula", "", 9)


def test_a_new_title_of_the_same_version_is_no_change() -> None:
    renamed = Contents(
        {**BEFORE.claims, (3, "a"): Said(True, "Pasal 4", {7: Shown(1, "Surat")})}, BEFORE.texts
    )
    assert changes(BEFORE, renamed) == ()


def test_texts_stand_after_the_criteria_of_their_level() -> None:
    now = Contents(
        {**BEFORE.claims, (4, "a"): Said(True)},
        {3: Words("Ada SK baru.", "Sudah sesuai."), 4: Words("", "Baik.")},
    )
    assert changes(BEFORE, now) == (
        Change(ChangeKind.FACTS, 3, None, "Ada SK.", "Ada SK baru."),
        Change(ChangeKind.TICKED, 4, "a"),
        Change(ChangeKind.ANALYSIS, 4, None, "", "Baik."),
    )
