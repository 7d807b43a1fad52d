import type { FieldType } from '../../schema/index.js';
import { BooleanColumn } from './boolean-column.js';
import type { ColumnIndex } from './column-index.js';
import { GeoColumn } from './geo-column.js';
import { KeywordColumn } from './keyword-column.js';
import { KeywordListColumn } from './keyword-list-column.js';
import { NumberColumn } from './number-column.js';
import { ValueColumn } from './value-column.js';

export function createColumn(type: FieldType): ColumnIndex {
  switch (type) {
    case 'integer':
    case 'float':
    case 'datetime':
      return new NumberColumn();
    case 'keyword':
    case 'text':
      return new KeywordColumn();
    case 'keyword[]':
      return new KeywordListColumn();
    case 'boolean':
      return new BooleanColumn();
    case 'geo':
      return new GeoColumn();
    case 'image':
    case 'audio':
    case 'json':
      return new ValueColumn();
    default:
      return type satisfies never;
  }
}
