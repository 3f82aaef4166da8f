-- The projected index in plain SQL, written from PRODUCT terms and importing no rule of ours.
-- Parameters: :plan, :today, :evaluation (may be null), :instrument: the plan's instrument as JSON with "weights"
-- (number, weight), "prerequisites" (number, level, needs_number, needs_level) and "lowest", the scale's lowest level.
-- Index figures and levels are exact. Points of agencies have 40 decimals: fractions such as a third have no end, and
-- two different ones of our sizes differ long before that.
WITH weight AS (
  SELECT number, weight FROM jsonb_to_recordset(CAST(:instrument AS jsonb) -> 'weights') AS w(number int, weight numeric)
),
prerequisite AS (
  SELECT number, level, needs_number, needs_level
    FROM jsonb_to_recordset(CAST(:instrument AS jsonb) -> 'prerequisites')
      AS r(number int, level numeric, needs_number int, needs_level numeric)
),
scale AS (
  SELECT CAST(CAST(:instrument AS jsonb) ->> 'lowest' AS numeric) AS lowest
),
counting AS (
  SELECT DISTINCT ON (indicator_number, agency_id)
         indicator_number, agency_id, kind, state, cancel_kind, baseline_level, target_level, reached_level, due_on,
         CAST(share_numerator AS numeric(80, 60)) / share_denominator AS share
    FROM task
   WHERE plan_id = :plan
     AND state <> 'withdrawn'
     AND NOT (state = 'cancelled' AND cancel_kind = 'not_needed')
   ORDER BY indicator_number, agency_id, round DESC
),
valued AS (
  SELECT indicator_number, agency_id, share, state, baseline_level, target_level, due_on,
         CASE WHEN state = 'accepted' THEN reached_level ELSE baseline_level END AS secured,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN kind = 'upkeep' AND baseline_level >= target_level
                THEN least(baseline_level, greatest(baseline_level - 1, lowest))
              ELSE baseline_level END AS at_risk,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN state = 'submitted' THEN target_level
              WHEN state = 'in_progress' AND due_on >= :today AND due_on <= CAST(:evaluation AS date) THEN target_level
              ELSE baseline_level END AS expected,
         CASE WHEN state = 'accepted' THEN reached_level
              WHEN state = 'cancelled' THEN baseline_level
              ELSE target_level END AS potential
    FROM counting CROSS JOIN scale
),
assessed AS (
  SELECT s.indicator_number AS number, coalesce(s.level, 0) AS level
    FROM plan p JOIN score s ON s.revision_id = p.baseline_revision_id
   WHERE p.id = :plan
),
-- Prerequisites are one step deep: what is needed needs nothing itself.
needed AS (
  SELECT a.number,
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
    LEFT JOIN prerequisite r ON r.number = v.indicator_number
    LEFT JOIN needed n ON n.number = r.needs_number
),
levelled AS (
  SELECT a.number, w.weight, a.level AS baseline,
         coalesce(min(b.secured), a.level) AS secured,
         coalesce(min(b.at_risk), a.level) AS at_risk,
         coalesce(min(b.expected), a.level) AS expected,
         coalesce(min(b.potential), a.level) AS potential
    FROM assessed a
    JOIN weight w ON w.number = a.number
    LEFT JOIN bound b ON b.indicator_number = a.number
   GROUP BY a.number, w.weight, a.level
),
-- What each agency brings: its share of the shares that count, in the weight of the indicator.
part AS (
  SELECT v.agency_id, l.weight / 100 AS worth, l.baseline, l.secured AS level, v.secured AS own,
         min(v.target_level) OVER (PARTITION BY v.indicator_number) AS target,
         v.state IN ('assigned', 'in_progress', 'blocked', 'returned') AND v.due_on < :today AS is_late,
         v.share / sum(v.share) OVER (PARTITION BY v.indicator_number) AS share
    FROM valued v JOIN levelled l ON l.number = v.indicator_number
),
points AS (
  SELECT agency_id,
         sum(share * worth * (target - baseline)) AS at_stake,
         sum(share * worth * (level - baseline)) AS secured,
         sum(share * worth * (own - level)) AS waiting,
         sum(CASE WHEN is_late THEN share * worth * greatest(target - own, 0) ELSE 0 END) AS late
    FROM part
   GROUP BY agency_id
),
counted AS (
  SELECT agency_id,
         count(*) FILTER (WHERE state NOT IN ('accepted', 'cancelled')) AS open,
         count(*) FILTER (WHERE state IN ('assigned', 'in_progress', 'blocked', 'returned') AND due_on < :today)
           AS overdue,
         count(*) FILTER (WHERE state = 'submitted') AS submitted,
         count(*) FILTER (WHERE state = 'accepted') AS accepted
    FROM task
   WHERE plan_id = :plan AND state <> 'withdrawn'
   GROUP BY agency_id
)
SELECT sum(weight * baseline) / 100 AS baseline,
       sum(weight * secured) / 100 AS secured,
       sum(weight * at_risk) / 100 AS at_risk,
       sum(weight * expected) / 100 AS expected,
       sum(weight * potential) / 100 AS potential,
       jsonb_object_agg(number, jsonb_build_object(
         'baseline', CAST(baseline AS text), 'secured', CAST(secured AS text),
         'expected', CAST(expected AS text), 'potential', CAST(potential AS text))) AS levels,
       (SELECT coalesce(jsonb_object_agg(c.agency_id, jsonb_build_object(
                 'at_stake', CAST(coalesce(p.at_stake, 0) AS text), 'secured', CAST(coalesce(p.secured, 0) AS text),
                 'waiting', CAST(coalesce(p.waiting, 0) AS text), 'late', CAST(coalesce(p.late, 0) AS text),
                 'open', c.open, 'overdue', c.overdue, 'submitted', c.submitted, 'accepted', c.accepted)), '{}')
          FROM counted c LEFT JOIN points p ON p.agency_id = c.agency_id) AS agencies
  FROM levelled
