-- Migration 0015: lists of allowed words that cost nothing
--
-- SQLite builds a temporary B-tree for a list of three words and more each time a row is checked: four microseconds,
-- twice what a narrow row takes otherwise. Written with OR, nothing is built. What is allowed stays as it was, so that no row
-- has to be looked at: the text of the tables is changed in place, as https://www.sqlite.org/lang_altertable.html
-- describes it under "Making Other Kinds Of Table Schema Changes".
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'outcome IN (''stored'', ''known'', ''label_source'', ''ignored'', ''rejected'')',
    'outcome = ''stored'' OR outcome = ''known'' OR outcome = ''label_source'' OR outcome = ''ignored''
        OR outcome = ''rejected''')
WHERE type = 'table' AND name = 'source_file';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'stage IN (''scan'', ''read'', ''clean'', ''encode'', ''commit'', ''label'')',
    'stage = ''scan'' OR stage = ''read'' OR stage = ''clean'' OR stage = ''encode''
        OR stage = ''commit'' OR stage = ''label''')
WHERE type = 'table' AND name = 'rejection';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'pixel_type IN (''u8'', ''i8'', ''u16'', ''i16'', ''u32'', ''i32'', ''f32'', ''f64'')',
    'pixel_type = ''u8'' OR pixel_type = ''i8'' OR pixel_type = ''u16'' OR pixel_type = ''i16''
        OR pixel_type = ''u32'' OR pixel_type = ''i32'' OR pixel_type = ''f32'' OR pixel_type = ''f64''')
WHERE type = 'table' AND name = 'slice';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'encoding IN (''blosc'', ''jpeg'', ''jpeg2000'')',
    'encoding = ''blosc'' OR encoding = ''jpeg'' OR encoding = ''jpeg2000''')
WHERE type = 'table' AND name = 'slice_pixels';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'severity IN (''info'', ''warning'', ''error'')',
    'severity = ''info'' OR severity = ''warning'' OR severity = ''error''')
WHERE type = 'table' AND name = 'quality_finding';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'level IN (''run'', ''dataset'', ''source_file'', ''patient'', ''study'', ''series'', ''slice'')',
    'level = ''run'' OR level = ''dataset'' OR level = ''source_file'' OR level = ''patient''
        OR level = ''study'' OR level = ''series'' OR level = ''slice''')
WHERE type = 'table' AND name = 'quality_finding';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'level NOT IN (''patient'', ''study'', ''series'', ''slice'')',
    '(level <> ''patient'' AND level <> ''study'' AND level <> ''series'' AND level <> ''slice'')')
WHERE type = 'table' AND name = 'quality_finding';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'value_class IN (''value'', ''empty'', ''multi'')',
    'value_class = ''value'' OR value_class = ''empty'' OR value_class = ''multi''')
WHERE type = 'table' AND name = 'header_value';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'value_class IN (''value'', ''empty'', ''multi'')',
    'value_class = ''value'' OR value_class = ''empty'' OR value_class = ''multi''')
WHERE type = 'table' AND name = 'header_slice_value';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'kind IN (''mask'', ''box'', ''point'', ''sphere'', ''contour'')',
    'kind = ''mask'' OR kind = ''box'' OR kind = ''point'' OR kind = ''sphere'' OR kind = ''contour''')
WHERE type = 'table' AND name = 'annotation';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'level IN (''patient'', ''study'', ''series'', ''slice'', ''annotation'')',
    'level = ''patient'' OR level = ''study'' OR level = ''series'' OR level = ''slice''
        OR level = ''annotation''')
WHERE type = 'table' AND name = 'label';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'status IN (''clean'', ''quarantined'', ''dropped'', ''empty'')',
    'status = ''clean'' OR status = ''quarantined'' OR status = ''dropped'' OR status = ''empty''')
WHERE type = 'table' AND name = 'label_value';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'level IN (''patient'', ''study'', ''series'', ''slice'', ''annotation'')',
    'level = ''patient'' OR level = ''study'' OR level = ''series'' OR level = ''slice''
        OR level = ''annotation''')
WHERE type = 'table' AND name = 'label_unresolved';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'level IN (''patient'', ''study'', ''series'', ''slice'', ''annotation'')',
    'level = ''patient'' OR level = ''study'' OR level = ''series'' OR level = ''slice''
        OR level = ''annotation''')
WHERE type = 'table' AND name = 'prediction';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'role IN (''image'', ''mask'', ''localizer'', ''object'')',
    'role = ''image'' OR role = ''mask'' OR role = ''localizer'' OR role = ''object''')
WHERE type = 'table' AND name = 'series';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'geometry_kind IN (''volume'', ''stack'', ''photo'')',
    'geometry_kind = ''volume'' OR geometry_kind = ''stack'' OR geometry_kind = ''photo''')
WHERE type = 'table' AND name = 'series';

UPDATE sqlite_schema
SET sql = replace(
    sql,
    'ordering_rule IN (''image_position'', ''slice_location'', ''instance_number'', ''file_name'', ''storage'')',
    'ordering_rule = ''image_position'' OR ordering_rule = ''slice_location''
        OR ordering_rule = ''instance_number'' OR ordering_rule = ''file_name''
        OR ordering_rule = ''storage''')
WHERE type = 'table' AND name = 'series';

-- Reads the changed text at once; whoever has the file open sees it with the views, which are made anew after this.
PRAGMA writable_schema = RESET;
