// The parts of Apache ECharts that the report draws with.
import { init, use } from 'echarts/core';
import { BarChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, ParallelComponent, TooltipComponent } from 'echarts/components';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([
  BarChart, LineChart, ParallelChart, ScatterChart,
  GridComponent, MarkLineComponent, ParallelComponent, TooltipComponent,
  CanvasRenderer, SVGRenderer,
]);

export { init };
