export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Lines of a table: titles, then rows; columns as wide as their widest cell, two spaces apart, indented by two. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? "").length), title.length),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, column) => {
        const cell = cells[column] ?? "";
        const width = widths[column] ?? 0;
        return align === "left" ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map((cells) => `  ${line(cells)}`);
}
