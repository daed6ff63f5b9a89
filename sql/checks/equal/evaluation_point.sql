-- What is compared of evaluation_point when two warehouses should be equal.
--
-- Grain: one row per evaluation × curve × threshold: a point of a ROC, precision-recall or FROC curve, or a confusion
-- cell.
-- Inputs: evaluation_point
SELECT
    evaluation_id,
    curve,
    point_index,
    threshold,
    x,
    y,
    case_count
FROM evaluation_point
ORDER BY
    evaluation_id,
    curve,
    point_index;
