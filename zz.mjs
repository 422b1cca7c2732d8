import fs from 'node:fs';import sharp from 'sharp';import {rows} from './bench/images/rows.ts';
sharp.cache(false);sharp.concurrency(1);sharp.block({operation:['VipsForeignLoadUhdr']});
const b=fs.readFileSync('/work/shared/corpus/images/ultrahdr_gainmap_12mp.jpg');
const T={};for(let k=0;k<14;k++)for(const n of ['floor','pipeline']){const c=process.cpuUsage();const f0=process.resourceUsage().minorPageFault;await rows[n](b);const d=process.cpuUsage(c);(T[n]??=[]).push([(d.user+d.system)/1000,d.system/1000,process.resourceUsage().minorPageFault-f0])}
const med=(a)=>a.sort((x,y)=>x-y)[a.length>>1];
console.log(process.argv[2].padEnd(40),['floor','pipeline'].map(n=>n+' cpu med '+med(T[n].map(x=>x[0])).toFixed(0)+' min '+Math.min(...T[n].map(x=>x[0])).toFixed(0)+' sys '+med(T[n].map(x=>x[1])).toFixed(0)+' faults '+med(T[n].map(x=>x[2]))).join(' | '),'rss',process.memoryUsage().rss>>20, (med(T.pipeline.map(x=>x[0]))/med(T.floor.map(x=>x[0]))).toFixed(3));
