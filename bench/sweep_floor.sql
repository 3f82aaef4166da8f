-- The floor of the sweep: ONE statement that reads the rows the sweep reads and writes the rows it writes, the details
-- with the same parts and about as long. It knows no prerequisites, proves nothing, and its figures are decimals.
-- Parameters: :weights (a JSON list of number, weight, aspect, aspect_weight, domain, domain_weight), :now.
WITH weight AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:weights AS jsonb))
    AS w(number int, weight numeric, aspect int, aspect_weight numeric, domain int, domain_weight numeric)
),
open_plan AS MATERIALIZED (
  SELECT p.id, p.government_id, p.baseline_revision_id, e.self_assessment_opens_on AS evaluation_on,
         date(timezone(g.timezone, CAST(:now AS timestamptz))) AS today
    FROM plan p
    JOIN government g ON g.id = p.government_id
    LEFT JOIN evaluation_calendar e ON e.government_id = p.government_id AND e.year = p.year
   WHERE p.closed_at IS NULL
),
counting AS (
  SELECT DISTINCT ON (t.plan_id, t.indicator_number, t.agency_id)
         t.plan_id, t.id, t.indicator_number, t.agency_id, t.state, t.kind, t.baseline_level, t.target_level,
         t.share_numerator / t.share_denominator::numeric AS share, t.reached_level, t.due_on, p.today, p.evaluation_on
    FROM task t JOIN open_plan p ON p.id = t.plan_id
   WHERE t.state <> 'withdrawn' AND t.cancel_kind IS DISTINCT FROM 'not_needed'
   ORDER BY t.plan_id, t.indicator_number, t.agency_id, t.round DESC
),
valued AS MATERIALIZED (
  SELECT *, coalesce(reached_level, baseline_level) AS secured,
         CASE WHEN state = 'accepted' THEN reached_level WHEN state = 'submitted' THEN target_level
              WHEN state = 'in_progress' AND due_on >= today AND due_on <= evaluation_on THEN target_level
              ELSE baseline_level END AS expected,
         CASE WHEN state = 'accepted' THEN reached_level WHEN state = 'cancelled' THEN baseline_level
              ELSE target_level END AS potential
    FROM counting
),
indicator AS MATERIALIZED (
  SELECT plan_id, indicator_number, min(secured) AS secured, min(expected) AS expected, min(potential) AS potential,
         min(target_level) AS target,
         jsonb_agg(jsonb_build_object('task', id, 'agency', agency_id, 'secured', secured::text,
                                      'expected', expected::text, 'potential', potential::text)) AS trace
    FROM valued GROUP BY plan_id, indicator_number
),
levelled AS MATERIALIZED (
  SELECT p.id AS plan_id, w.*, coalesce(s.level, 0) AS baseline, coalesce(i.secured, s.level, 0) AS secured,
         coalesce(i.expected, s.level, 0) AS expected, coalesce(i.potential, s.level, 0) AS potential
    FROM open_plan p
    JOIN score s ON s.revision_id = p.baseline_revision_id
    JOIN weight w ON w.number = s.indicator_number
    LEFT JOIN indicator i ON i.plan_id = p.id AND i.indicator_number = s.indicator_number
),
aspects AS (
  SELECT plan_id, jsonb_object_agg(aspect, baseline::text) AS baseline, jsonb_object_agg(aspect, secured::text) AS secured,
         jsonb_object_agg(aspect, expected::text) AS expected, jsonb_object_agg(aspect, potential::text) AS potential
    FROM (SELECT plan_id, aspect, sum(weight * baseline) / aspect_weight AS baseline,
                 sum(weight * secured) / aspect_weight AS secured, sum(weight * expected) / aspect_weight AS expected,
                 sum(weight * potential) / aspect_weight AS potential
            FROM levelled GROUP BY plan_id, aspect, aspect_weight) a
   GROUP BY plan_id
),
domains AS (
  SELECT plan_id, jsonb_object_agg(domain, baseline::text) AS baseline, jsonb_object_agg(domain, secured::text) AS secured,
         jsonb_object_agg(domain, expected::text) AS expected, jsonb_object_agg(domain, potential::text) AS potential
    FROM (SELECT plan_id, domain, sum(weight * baseline) / domain_weight AS baseline,
                 sum(weight * secured) / domain_weight AS secured, sum(weight * expected) / domain_weight AS expected,
                 sum(weight * potential) / domain_weight AS potential
            FROM levelled GROUP BY plan_id, domain, domain_weight) d
   GROUP BY plan_id
),
figures AS (
  SELECT plan_id, sum(weight * baseline) / 100 AS baseline, sum(weight * secured) / 100 AS secured,
         sum(weight * expected) / 100 AS expected, sum(weight * potential) / 100 AS potential,
         jsonb_object_agg(number, baseline::text) AS baselines, jsonb_object_agg(number, secured::text) AS secureds,
         jsonb_object_agg(number, expected::text) AS expecteds, jsonb_object_agg(number, potential::text) AS potentials
    FROM levelled GROUP BY plan_id
),
part AS MATERIALIZED (
  SELECT v.plan_id, v.id, v.indicator_number, v.agency_id,
         v.share * l.weight * (i.target - l.baseline) / 100 AS at_stake,
         v.share * l.weight * (l.secured - l.baseline) / 100 AS secured,
         v.share * l.weight * (v.secured - l.secured) / 100 AS waiting,
         CASE WHEN v.due_on < v.today AND v.state IN ('assigned', 'in_progress', 'blocked', 'returned')
              THEN v.share * l.weight * greatest(i.target - v.secured, 0) / 100 ELSE 0 END AS late
    FROM valued v
    JOIN levelled l ON l.plan_id = v.plan_id AND l.number = v.indicator_number
    JOIN indicator i ON i.plan_id = v.plan_id AND i.indicator_number = v.indicator_number
),
parts AS (
  SELECT plan_id, jsonb_agg(jsonb_build_object('task', id, 'indicator', indicator_number, 'agency', agency_id,
           'at_stake', trim_scale(at_stake)::text, 'secured', trim_scale(secured)::text,
           'waiting', trim_scale(waiting)::text, 'late', trim_scale(late)::text)) AS rows
    FROM part GROUP BY plan_id
),
counts AS (
  SELECT t.plan_id, t.agency_id, count(*) FILTER (WHERE t.state NOT IN ('accepted', 'cancelled')) AS opened,
         count(*) FILTER (WHERE t.due_on < p.today AND t.state IN ('assigned', 'in_progress', 'blocked', 'returned')) AS late,
         count(*) FILTER (WHERE t.state = 'submitted') AS submitted,
         count(*) FILTER (WHERE t.state = 'accepted') AS accepted
    FROM task t JOIN open_plan p ON p.id = t.plan_id
   WHERE t.state <> 'withdrawn' GROUP BY t.plan_id, t.agency_id
),
agency_points AS (
  SELECT plan_id, agency_id, sum(at_stake) AS at_stake, sum(secured) AS secured, sum(waiting) AS waiting, sum(late) AS late
    FROM part GROUP BY plan_id, agency_id
),
agencies AS (
  SELECT c.plan_id, jsonb_agg(jsonb_build_object('agency_id', c.agency_id, 'name', a.short_name,
           'points_at_stake', trim_scale(coalesce(s.at_stake, 0))::text,
           'points_secured', trim_scale(coalesce(s.secured, 0))::text,
           'points_waiting', trim_scale(coalesce(s.waiting, 0))::text,
           'points_late', trim_scale(coalesce(s.late, 0))::text, 'tasks_open', c.opened, 'tasks_overdue', c.late,
           'tasks_submitted', c.submitted, 'tasks_accepted', c.accepted)
           ORDER BY s.at_stake - s.secured - s.waiting DESC, c.agency_id) AS rows
    FROM counts c JOIN agency a ON a.id = c.agency_id
    LEFT JOIN agency_points s ON s.plan_id = c.plan_id AND s.agency_id = c.agency_id
   GROUP BY c.plan_id
),
traces AS (SELECT plan_id, jsonb_object_agg(indicator_number, trace) AS rows FROM indicator GROUP BY plan_id),
stored AS (
  INSERT INTO projection (plan_id, government_id, generation, rebuilt_at, as_of_on, baseline, secured, expected, potential,
                          details)
  SELECT p.id, p.government_id, 1, :now, p.today, f.baseline, f.secured, f.expected, f.potential,
         jsonb_build_object(
           'figures', jsonb_build_object(
             'baseline', jsonb_build_object('index', f.baseline::text, 'domains', d.baseline, 'aspects', a.baseline,
                                            'levels', f.baselines),
             'secured', jsonb_build_object('index', f.secured::text, 'domains', d.secured, 'aspects', a.secured,
                                           'levels', f.secureds),
             'expected', jsonb_build_object('index', f.expected::text, 'domains', d.expected, 'aspects', a.expected,
                                            'levels', f.expecteds),
             'potential', jsonb_build_object('index', f.potential::text, 'domains', d.potential, 'aspects', a.potential,
                                             'levels', f.potentials)),
           'agencies', g.rows, 'parts', t.rows, 'traces', r.rows, 'voided', jsonb_build_array(),
           'evaluation_on', p.evaluation_on::text,
           'risk', jsonb_build_object('index', f.secured::text, 'indicators', jsonb_build_array()))
    FROM open_plan p
    JOIN figures f ON f.plan_id = p.id JOIN aspects a ON a.plan_id = p.id JOIN domains d ON d.plan_id = p.id
    JOIN agencies g ON g.plan_id = p.id JOIN parts t ON t.plan_id = p.id JOIN traces r ON r.plan_id = p.id
  ON CONFLICT (plan_id) DO UPDATE
     SET generation = projection.generation + 1, rebuilt_at = excluded.rebuilt_at, as_of_on = excluded.as_of_on,
         baseline = excluded.baseline, secured = excluded.secured, expected = excluded.expected,
         potential = excluded.potential, details = excluded.details
  RETURNING *
),
snapshot AS (
  INSERT INTO projection_snapshot (plan_id, "on", government_id, baseline, secured, expected, potential, levels)
  SELECT plan_id, as_of_on, government_id, baseline, secured, expected, potential,
         jsonb_build_object('secured', details #> '{figures,secured,levels}',
                            'expected', details #> '{figures,expected,levels}')
    FROM stored
  ON CONFLICT (plan_id, "on") DO UPDATE
     SET baseline = excluded.baseline, secured = excluded.secured, expected = excluded.expected,
         potential = excluded.potential, levels = excluded.levels
),
proof AS (
  INSERT INTO projection_proof (plan_id, government_id, generation, proved_at)
  SELECT plan_id, government_id, generation, :now FROM stored
  ON CONFLICT (plan_id) DO UPDATE SET generation = excluded.generation, proved_at = excluded.proved_at
)
SELECT count(*), sum(length(details::text)) FROM stored
