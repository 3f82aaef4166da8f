-- The projected index in plain SQL, written from PRODUCT terms and importing no rule of ours.
-- Parameters: :plan, :today, :evaluation (may be null). Weights and prerequisites are tables made by the caller:
-- oracle_weight(number, weight) and oracle_prerequisite(number, level, needs_number, needs_level).
WITH counting AS (
  SELECT DISTINCT ON (indicator_number, agency_id)
         indicator_number, agency_id, kind, state, cancel_kind, baseline_level, target_level, reached_level, due_on
    FROM task
   WHERE plan_id = :plan
     AND state <> 'withdrawn'
     AND NOT (state = 'cancelled' AND cancel_kind = 'not_needed')
   ORDER BY indicator_number, agency_id, round DESC
),
valued AS (
  SELECT indicator_number, state, baseline_level,
         CASE WHEN state = 'accepted' THEN reached_level ELSE baseline_level END AS secured,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN kind = 'upkeep' AND baseline_level >= target_level
                THEN least(baseline_level, greatest(baseline_level - 1, 1))
              ELSE baseline_level END AS at_risk,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN state = 'submitted' THEN target_level
              WHEN state = 'in_progress' AND due_on >= :today AND due_on <= CAST(:evaluation AS date) THEN target_level
              ELSE baseline_level END AS expected,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN state = 'cancelled' THEN baseline_level
              ELSE target_level END AS potential
    FROM counting
),
assessed AS (
  SELECT s.indicator_number AS number, coalesce(s.level, 0) AS level
    FROM plan p JOIN score s ON s.revision_id = p.baseline_revision_id
   WHERE p.id = :plan
),
-- Prerequisites are one step deep: what is needed needs nothing itself.
needed AS (
  SELECT a.number,
         coalesce((SELECT min(secured) FROM valued v WHERE v.indicator_number = a.number), a.level) AS secured,
         coalesce((SELECT min(expected) FROM valued v WHERE v.indicator_number = a.number), a.level) AS expected,
         coalesce((SELECT min(potential) FROM valued v WHERE v.indicator_number = a.number), a.level) AS potential
    FROM assessed a
),
bound AS (
  SELECT v.indicator_number, v.secured, v.at_risk,
         CASE WHEN v.state <> 'accepted' AND v.baseline_level < r.level AND v.expected >= r.level
               AND n.expected < r.needs_level THEN v.baseline_level ELSE v.expected END AS expected,
         CASE WHEN v.state <> 'accepted' AND v.baseline_level < r.level AND v.potential >= r.level
               AND n.potential < r.needs_level THEN v.baseline_level ELSE v.potential END AS potential
    FROM valued v
    LEFT JOIN oracle_prerequisite r ON r.number = v.indicator_number
    LEFT JOIN needed n ON n.number = r.needs_number
),
levelled AS (
  SELECT a.number, a.level AS baseline,
         coalesce(min(b.secured), a.level) AS secured,
         coalesce(min(b.at_risk), a.level) AS at_risk,
         coalesce(min(b.expected), a.level) AS expected,
         coalesce(min(b.potential), a.level) AS potential
    FROM assessed a LEFT JOIN bound b ON b.indicator_number = a.number
   GROUP BY a.number, a.level
)
SELECT sum(w.weight * l.baseline) / 100 AS baseline,
       sum(w.weight * l.secured) / 100 AS secured,
       sum(w.weight * l.at_risk) / 100 AS at_risk,
       sum(w.weight * l.expected) / 100 AS expected,
       sum(w.weight * l.potential) / 100 AS potential
  FROM levelled l JOIN oracle_weight w ON w.number = l.number
